package nsqtest

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// conn is one TCP client, with a goroutine that reads and one that writes.
type conn struct {
	server *Server
	net    net.Conn
	in     *bufio.Reader

	// The reader alone uses these.
	heartbeat time.Duration // 0: none

	// Server.mu guards these.
	channel *channel // nil until SUB
	rdy     int      // messages that the client takes at once
	flying  int      // messages that it has
	timeout time.Duration
	closing bool // it sent CLS

	mu    sync.Mutex
	out   []byte        // to be written
	wake  chan struct{} // holds one token while out is not empty, or ended is new
	ended bool
	beat  time.Duration // heartbeat for the writer
}

// frame types of the protocol.
const (
	typeResponse = 0
	typeError    = 1
	typeMessage  = 2
)

// serve starts a connection's goroutines.
func (s *Server) serve(n net.Conn) {
	c := &conn{
		server: s, net: n, in: bufio.NewReaderSize(n, 16<<10), wake: make(chan struct{}, 1),
		timeout: s.o.MsgTimeout, heartbeat: 30 * time.Second, beat: 30 * time.Second,
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = n.Close() // nobody to tell
		return
	}
	s.conns[c] = true
	s.tasks.Go(func() {
		err := c.read()
		if !errors.Is(err, io.EOF) && !errors.Is(err, net.ErrClosed) {
			s.o.Log.Debug("nsqtest: connection ended", "client", n.RemoteAddr(), "error", err)
		}
		s.leave(c)
		c.end()
	})
	s.tasks.Go(c.write)
}

// read runs the client's commands until it fails or leaves.
func (c *conn) read() error {
	var magic [4]byte
	if _, err := io.ReadFull(c.in, magic[:]); err != nil {
		return err
	}
	if string(magic[:]) != "  V2" {
		c.reply(typeError, "E_BAD_PROTOCOL")
		return errors.New("unknown protocol")
	}
	for {
		if c.heartbeat > 0 {
			_ = c.net.SetReadDeadline(time.Now().Add(2 * c.heartbeat)) // the read below tells
		} else {
			_ = c.net.SetReadDeadline(time.Time{})
		}
		line, err := c.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		if err := c.command(string(line[:len(line)-1])); err != nil {
			return err
		}
	}
}

// end makes the writer write what is left and close the connection.
func (c *conn) end() {
	c.mu.Lock()
	c.ended = true
	c.mu.Unlock()
	c.notify()
}

func (c *conn) notify() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// write writes what is sent, as much as there is at once, and heartbeats.
func (c *conn) write() {
	defer c.net.Close()
	beat := time.NewTicker(30 * time.Second)
	defer beat.Stop()
	interval := 30 * time.Second
	for {
		select {
		case <-c.wake:
		case <-beat.C:
			c.reply(typeResponse, "_heartbeat_")
		}
		c.mu.Lock()
		out, ended := c.out, c.ended
		c.out = nil
		if c.beat != interval {
			interval = c.beat
			beat.Reset(max(interval, time.Millisecond))
			if interval == 0 {
				beat.Stop()
			}
		}
		c.mu.Unlock()
		_ = c.net.SetWriteDeadline(time.Now().Add(10 * time.Second)) // the write tells
		if _, err := c.net.Write(out); err != nil || ended {
			return
		}
	}
}

// send queues a frame.
func (c *conn) send(frame []byte) {
	c.mu.Lock()
	c.out = append(c.out, frame...)
	c.mu.Unlock()
	c.notify()
}

func (c *conn) reply(kind uint32, text string) { c.send(appendFrame(nil, kind, []byte(text))) }

func appendFrame(b []byte, kind uint32, data []byte) []byte {
	b = binary.BigEndian.AppendUint32(b, uint32(4+len(data)))
	b = binary.BigEndian.AppendUint32(b, kind)
	return append(b, data...)
}

func frameMessage(m *message) []byte {
	b := make([]byte, 0, 8+26+len(m.Body))
	b = binary.BigEndian.AppendUint32(b, uint32(4+26+len(m.Body)))
	b = binary.BigEndian.AppendUint32(b, typeMessage)
	b = binary.BigEndian.AppendUint64(b, uint64(m.Time))
	b = binary.BigEndian.AppendUint16(b, m.Attempts)
	b = append(b, m.ID[:]...)
	return append(b, m.Body...)
}
