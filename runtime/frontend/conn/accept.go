package conn

import (
	"bufio"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/hawos/hawos/runtime/wire"
)

// Acceptor makes connections of HTTP requests. Its methods may be called
// concurrently.
type Acceptor struct {
	o        Options
	stats    Stats
	upgrader websocket.Upgrader
	writers  sync.WaitGroup
}

// NewAcceptor returns an Acceptor. Nothing of it needs closing; Wait waits for
// the goroutines of its connections.
func NewAcceptor(o Options) *Acceptor {
	a := &Acceptor{o: o}
	a.upgrader = websocket.Upgrader{
		WriteBufferPool: new(sync.Pool), // the library writes no messages: it needs no buffer; it reads from ours
		Subprotocols:    []string{wire.SubprotocolProto, wire.SubprotocolJSON},
		CheckOrigin:     a.originAllowed,
	}
	return a
}

// Stats returns the counters of all connections.
func (a *Acceptor) Stats() *Stats { return &a.stats }

// Wait waits for the writers of connections that are finished.
func (a *Acceptor) Wait() { a.writers.Wait() }

// Accept upgrades the request. Where it returns an error the request is answered:
// 400 for what is no upgrade or offers only unknown subprotocols, 403 for a
// foreign origin. The caller serves and finishes the connection; the HTTP handler
// may return before.
func (a *Acceptor) Accept(w http.ResponseWriter, r *http.Request) (*Conn, error) {
	if offered := websocket.Subprotocols(r); len(offered) > 0 && !slices.ContainsFunc(offered, a.speaks) {
		http.Error(w, "unknown subprotocol: this server speaks "+strings.Join(a.upgrader.Subprotocols, " and "), http.StatusBadRequest)
		return nil, websocket.HandshakeError{}
	}
	c := &Conn{socket: socket{o: &a.o, stats: &a.stats, writers: &a.writers, done: make(chan struct{})}}
	ws, err := a.upgrader.Upgrade(hijacker{w, c}, r, nil)
	if err != nil {
		return nil, err
	}
	c.ws, c.upgraded = ws, true
	c.Touch()
	c.extend(time.Now().Add(a.o.IdleTimeout)) // here, where the stack is a large one already
	if ws.Subprotocol() != wire.SubprotocolProto {
		c.encoding = wire.JSON
	}
	return c, nil
}

func (a *Acceptor) speaks(subprotocol string) bool {
	return slices.Contains(a.upgrader.Subprotocols, subprotocol)
}

// originAllowed guards users of browsers against foreign pages. Other clients
// send no Origin.
func (a *Acceptor) originAllowed(r *http.Request) bool {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	for _, o := range a.o.Origins {
		if o == "*" || strings.EqualFold(o, origin) {
			return true
		}
	}
	u, err := url.Parse(origin)
	return err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host)
}

// hijacker puts the connection's socket between the library and the network.
type hijacker struct {
	http.ResponseWriter
	c *Conn
}

// Hijack implements http.Hijacker.
func (h hijacker) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	under, rw, err := http.NewResponseController(h.ResponseWriter).Hijack()
	if err != nil {
		return nil, nil, err
	}
	h.c.under = under
	if tcp, ok := under.(*net.TCPConn); ok {
		h.c.raw, _ = tcp.SyscallConn()
		limitUnsent(h.c.raw)
	}
	if rw.Reader.Buffered() == 0 { // else the library refuses what came too early
		h.c.reader = newReader(&h.c.socket)
		rw = bufio.NewReadWriter(h.c.reader, rw.Writer)
	}
	return netConn{&h.c.socket}, rw, nil
}
