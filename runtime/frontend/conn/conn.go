// Package conn is the websocket connection between a frontend and one client: it
// accepts upgrades, reads messages one after another, and writes frames from a
// queue that is bounded in bytes. It knows packets as bytes only, and sessions
// not at all.
//
// The queue lies in a net.Conn underneath the websocket library, so that several
// frames leave in one system call. Whoever has something to write tries to write
// it himself without waiting; a goroutine is started only for a client that does
// not take it at once. Start from Acceptor and Conn.Serve.
package conn

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"sync/atomic"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"github.com/hawos/hawos/runtime/wire"
)

// Options bound what one client may cost. All must be given.
type Options struct {
	Origins        []string // origins that may connect besides the own host; * is all
	MaxPacketBytes int
	MaxQueueBytes  int // waiting and being written
	WriteTimeout   time.Duration
	IdleTimeout    time.Duration
}

// Stats count what all connections of an Acceptor did.
type Stats struct {
	PacketsIn, PacketsOut atomic.Uint64
	BytesIn, BytesOut     atomic.Uint64
	// Dropped are pushes that did not fit the queue, or had to make room, by
	// route.Class; Expired those whose time ran out while they waited.
	Dropped [3]atomic.Uint64
	Expired atomic.Uint64
}

// Conn is one connection. Serve and Finish belong to one goroutine; all other
// methods may be called concurrently and never wait for the client.
type Conn struct {
	socket
	ws       *websocket.Conn
	reader   *bufio.Reader // ws's
	encoding wire.Encoding
}

// Encoding returns the encoding of the subprotocol that was agreed on.
func (c *Conn) Encoding() wire.Encoding { return c.encoding }

// Remote returns the client's address.
func (c *Conn) Remote() string { return c.under.RemoteAddr().String() }

// Serve calls handle with one message after another until the connection ends or
// is closed. The message is handle's until it returns; while handle waits,
// nothing is read. It returns promptly after Close.
func (c *Conn) Serve(handle func(message []byte)) {
	for !c.closing.Load() {
		if err := c.await(); err != nil {
			c.ended(err)
			return
		}
		kind, r, err := c.ws.NextReader()
		if err != nil {
			c.ended(err)
			return
		}
		b := readBuffers.Get().(*[]byte)
		*b, err = readMessage((*b)[:0], r, c.o.MaxPacketBytes)
		switch {
		case errors.Is(err, errTooLarge):
			c.Close(wire.CloseTooLarge, fmt.Sprintf("packet above %d bytes", c.o.MaxPacketBytes))
		case err != nil:
			c.ended(err)
		case kind != messageKind(c.encoding):
			c.Close(wire.CloseMalformed, c.encoding.Subprotocol()+" has no such messages")
		case kind == websocket.TextMessage && !utf8.Valid(*b):
			c.Close(wire.CloseMalformed, "text is not UTF-8")
		default:
			c.stats.PacketsIn.Add(1)
			c.stats.BytesIn.Add(uint64(len(*b)))
			handle(*b)
		}
		putReadBuffer(b)
		c.catchUp()
	}
}

// ended closes the connection after a failed read.
func (c *Conn) ended(err error) {
	var timeout net.Error
	switch {
	case errors.As(err, &timeout) && timeout.Timeout():
		c.Close(wire.CloseIdle, "nothing received for too long")
	default: // the library has answered a client's close and a breach of the websocket protocol
		c.lost()
	}
}

var errTooLarge = errors.New("message too large")

// readMessage appends r to b. It never makes b longer than limit by more than
// one byte, whatever length the client announces.
func readMessage(b []byte, r io.Reader, limit int) ([]byte, error) {
	for {
		if len(b) == cap(b) {
			b = append(b, 0)[:len(b)]
		}
		free := b[len(b):min(cap(b), limit+1)]
		n, err := r.Read(free)
		b = b[:len(b)+n]
		switch {
		case len(b) > limit:
			return b, errTooLarge
		case err == io.EOF:
			return b, nil
		case err != nil:
			return b, err
		}
	}
}

func messageKind(e wire.Encoding) int {
	if e == wire.JSON {
		return websocket.TextMessage
	}
	return websocket.BinaryMessage
}

// A connection that waits holds no buffer but the library's. Greater buffers
// than keptBuffer are not kept.
const keptBuffer = 32 << 10

var readBuffers = sync.Pool{New: func() any { b := make([]byte, 0, 2048); return &b }}

func putReadBuffer(b *[]byte) {
	if cap(*b) <= keptBuffer {
		readBuffers.Put(b)
	}
}
