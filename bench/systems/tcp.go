package systems

import (
	"bufio"
	"encoding/binary"
	"io"
	"net"
	"sync"

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

func readTCP(nc net.Conn, f func(conn uint32, packet []byte)) error {
	r := bufio.NewReaderSize(nc, 64<<10)
	var head [tcpHead]byte
	var buf []byte
	for {
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
			})
		}()
	}
}

// TCPGateway forwards packets over one raw TCP connection, batched. It is the
// system that facts and ratios call L5.
func TCPGateway(l net.Listener, logic string) error {
	nc, err := net.Dial("tcp", logic)
	if err != nil {
		return err
	}
	link := newTCPLink(nc)
	var conns sync.Map // number → *gathered
	go func() {
		_ = readTCP(nc, func(conn uint32, packet []byte) {
			if g, ok := conns.Load(conn); ok {
				g.(*gathered).send(packet)
			}
		})
	}()
	var mu sync.Mutex
	var last uint32
	return serveWS(l, func(ws *websocket.Conn) {
		mu.Lock()
		last++
		n := last
		mu.Unlock()
		g := &gathered{ws: ws}
		conns.Store(n, g)
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

// gathered writes what is queued for one connection, one goroutine at a time.
type gathered struct {
	ws      *websocket.Conn
	mu      sync.Mutex
	queue   [][]byte
	writing bool
}

func (g *gathered) send(packet []byte) {
	g.mu.Lock()
	g.queue = append(g.queue, append([]byte(nil), packet...))
	if g.writing {
		g.mu.Unlock()
		return
	}
	g.writing = true
	g.mu.Unlock()
	for {
		g.mu.Lock()
		q := g.queue
		g.queue = nil
		g.writing = len(q) > 0
		g.mu.Unlock()
		if len(q) == 0 {
			return
		}
		for _, p := range q {
			if g.ws.WriteMessage(websocket.BinaryMessage, p) != nil {
				return
			}
		}
	}
}
