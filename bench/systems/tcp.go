package systems

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"sync"
	"sync/atomic"

	"github.com/gorilla/websocket"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/wire"
)

// A frame of the raw TCP link is its length, the number of the connection (4
// bytes each) and the packet.
const tcpHead = 8

// tcpLink gathers frames and writes whatever is queued at once.
type tcpLink struct {
	nc   net.Conn
	mu   sync.Mutex
	out  []byte
	wake chan struct{}
}

func newTCPLink(nc net.Conn) *tcpLink {
	l := &tcpLink{nc: nc, wake: make(chan struct{}, 1)}
	go l.run()
	return l
}

func (l *tcpLink) send(conn uint32, packet []byte) {
	l.mu.Lock()
	l.out = binary.LittleEndian.AppendUint32(l.out, uint32(len(packet)))
	l.out = binary.LittleEndian.AppendUint32(l.out, conn)
	l.out = append(l.out, packet...)
	l.mu.Unlock()
	select {
	case l.wake <- struct{}{}:
	default:
	}
}

// run lives as long as the process, like the link.
func (l *tcpLink) run() {
	var spare []byte
	for range l.wake {
		l.mu.Lock()
		spare, l.out = l.out, spare[:0]
		l.mu.Unlock()
		if _, err := l.nc.Write(spare); err != nil {
			return
		}
	}
}

// readTCP calls f for every frame, and rest when those that came together are
// done.
func readTCP(nc net.Conn, f func(conn uint32, packet []byte), rest func()) error {
	r := bufio.NewReaderSize(nc, 64<<10)
	var head [tcpHead]byte
	var buf []byte
	for {
		if r.Buffered() == 0 {
			rest()
		}
		if _, err := io.ReadFull(r, head[:]); err != nil {
			return err
		}
		n := int(binary.LittleEndian.Uint32(head[:]))
		if cap(buf) < n {
			buf = make([]byte, n)
		}
		if _, err := io.ReadFull(r, buf[:n]); err != nil {
			return err
		}
		f(binary.LittleEndian.Uint32(head[4:]), buf[:n])
	}
}

// TCPLogic is the logic service behind TCPGateway.
func TCPLogic(l net.Listener) error {
	for {
		nc, err := l.Accept()
		if err != nil {
			return err
		}
		link := newTCPLink(nc)
		go func() {
			_ = readTCP(nc, func(conn uint32, packet []byte) {
				var p wire.Packet
				var in hawospb.Notice
				if p.Unmarshal(packet) != nil || (wire.Proto).Unmarshal(p.Payload, &in) != nil {
					return
				}
				reply := wire.Packet{ID: p.ID, Seq: p.Seq}
				reply.Payload, _ = (wire.Proto).Marshal(nil, &hawospb.Notice{Text: in.GetText()})
				link.send(conn, reply.Append(nil))
			}, func() {})
		}()
	}
}

// TCPGateway forwards packets over one raw TCP connection, batched, and writes
// the replies of a connection that came together at once. It is the system that
// facts and ratios call L5.
func TCPGateway(l net.Listener, logic string) error {
	nc, err := net.Dial("tcp", logic)
	if err != nil {
		return err
	}
	link := newTCPLink(nc)
	var conns sync.Map // number → *gathered
	go func() {
		var touched []*gathered
		_ = readTCP(nc, func(conn uint32, packet []byte) {
			if g, ok := conns.Load(conn); ok && g.(*gathered).add(packet) {
				touched = append(touched, g.(*gathered))
			}
		}, func() {
			for _, g := range touched {
				g.flush()
			}
			touched = touched[:0]
		})
	}()
	var last atomic.Uint32
	return serveWS(l, func(ws *websocket.Conn) {
		n := last.Add(1)
		conns.Store(n, &gathered{nc: ws.NetConn()})
		defer conns.Delete(n)
		for {
			_, b, err := ws.ReadMessage()
			if err != nil {
				return
			}
			link.send(n, b)
		}
	})
}

// gathered are the frames that wait for one connection; the link's reader alone
// uses it.
type gathered struct {
	nc  net.Conn
	out []byte
}

// add reports whether the frame is the first one that waits. It frames by hand
// what is shorter than 126 bytes, and knows nothing longer.
func (g *gathered) add(packet []byte) bool {
	g.out = append(g.out, 0x82, byte(len(packet)))
	g.out = append(g.out, packet...)
	return len(g.out) == 2+len(packet)
}

func (g *gathered) flush() {
	_, _ = g.nc.Write(g.out) // a broken connection is noticed by its reader
	g.out = g.out[:0]
}
