package frontend_test

import (
	"context"
	"crypto/rand"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/directory"
	dirmemory "github.com/hawos/hawos/runtime/directory/memory"
	"github.com/hawos/hawos/runtime/frontend"
	"github.com/hawos/hawos/runtime/jwt"
	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/push"
	pushmemory "github.com/hawos/hawos/runtime/push/memory"
	"github.com/hawos/hawos/runtime/registry"
	regmemory "github.com/hawos/hawos/runtime/registry/memory"
	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const secret = "0123456789abcdef0123456789abcdef"

// rig is a project in one process: frontends and services over real links, with
// the drivers of package memory.
type rig struct {
	t         testing.TB
	registry  *regmemory.Registry
	directory directory.Directory
	broker    push.Broker
	keys      *jwt.Keys
}

func newRig(t testing.TB) *rig {
	t.Helper()
	keys, err := jwt.New(config.JWT{Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	r := &rig{t: t, registry: regmemory.New(), directory: dirmemory.New(), broker: pushmemory.New(), keys: keys}
	t.Cleanup(func() { r.broker.Close(); r.registry.Close() })
	return r
}

func (r *rig) token(uid string) string {
	r.t.Helper()
	token, err := r.keys.Sign(uid, time.Hour)
	if err != nil {
		r.t.Fatal(err)
	}
	return token
}

// host implements frontend.Host.
type host struct {
	*rig
	name, instance, epoch string
	config                config.Config
	rpc                   *grpc.Server
	metrics               *prometheus.Registry
}

func (h *host) Name() string                                  { return h.name }
func (h *host) Instance() string                              { return h.instance }
func (h *host) Epoch() string                                 { return h.epoch }
func (h *host) Config() config.Config                         { return h.config }
func (h *host) Log() *slog.Logger                             { return slog.New(slog.NewTextHandler(io.Discard, nil)) }
func (h *host) Metrics() prometheus.Registerer                { return h.metrics }
func (h *host) Registry() registry.Registry                   { return h.registry }
func (h *host) Directory() directory.Directory                { return h.directory }
func (h *host) Broker() push.Broker                           { return h.broker }
func (h *host) RegisterService(d *grpc.ServiceDesc, impl any) { h.rpc.RegisterService(d, impl) }
func (h *host) DialOptions() []grpc.DialOption {
	return []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
}

// node is a running frontend.
type node struct {
	*frontend.Frontend
	*host
	address string // of gRPC
	stopped bool
}

func (r *rig) settings() config.Config {
	c := config.Default()
	c.Namespace = "test"
	c.JWT.Secret = secret
	c.WS.IP = "127.0.0.1"
	return c
}

// frontend starts a frontend; edit changes its settings.
func (r *rig) frontend(id string, edit func(*config.Config)) *node {
	r.t.Helper()
	c := r.settings()
	if edit != nil {
		edit(&c)
	}
	h := &host{rig: r, name: "frontend", instance: "frontend-" + id, epoch: rand.Text(), config: c, metrics: prometheus.NewRegistry()}
	h.rpc = grpc.NewServer()
	table := route.Table{Entries: []route.Entry{{ID: 2999, App: "gone", Method: "gone.v1.Gone.Call"}}}
	f, err := frontend.New(r.t.Context(), h, table)
	if err != nil {
		r.t.Fatal(err)
	}
	n := &node{Frontend: f, host: h}
	n.address = r.serve(h.rpc)
	if err := f.Start(r.t.Context()); err != nil {
		r.t.Fatal(err)
	}
	r.register(registry.Instance{App: h.name, ID: h.instance, Address: n.address, Epoch: h.epoch, State: registry.Ready})
	r.t.Cleanup(n.stop)
	return n
}

func (n *node) stop() {
	if n.stopped {
		return
	}
	n.stopped = true
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := n.Stop(ctx); err != nil {
		n.t.Error(err)
	}
}

// serve returns the address of the server.
func (r *rig) serve(s *grpc.Server) string {
	r.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		r.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() { _ = s.Serve(l); close(done) }()
	r.t.Cleanup(func() { s.Stop(); <-done })
	return l.Addr().String()
}

func (r *rig) register(i registry.Instance) registry.Registration {
	r.t.Helper()
	reg, err := r.registry.Register(r.t.Context(), i)
	if err != nil {
		r.t.Fatal(err)
	}
	return reg
}

// service starts an instance, such as chat-1, that answers the methods.
func (r *rig) service(app, id string, pushes []link.Push, methods ...link.Method) {
	r.t.Helper()
	epoch := rand.Text()
	s := link.NewServer(link.ServerOptions{Instance: app + "-" + id, Epoch: epoch, Namespace: "test", Log: slog.New(slog.DiscardHandler)})
	s.Register(link.Service{App: app, Name: app + ".v1.Service", Methods: methods, Pushes: pushes})
	g := grpc.NewServer(grpc.ForceServerCodecV2(link.Codec{}))
	s.Attach(g)
	address := r.serve(g)
	r.t.Cleanup(func() { _ = s.Close(context.Background()) })
	r.register(registry.Instance{App: app, ID: app + "-" + id, Address: address, Epoch: epoch, State: registry.Ready, Entries: s.Entries()})
}

// producer returns the sender of a service.
func (r *rig) producer() *push.Producer {
	r.t.Helper()
	live := func() map[string]string {
		m := map[string]string{}
		ctx, cancel := context.WithCancel(context.Background())
		stop, err := r.registry.Watch(ctx, func(all []registry.Instance) {
			for _, i := range all {
				m[i.ID] = i.Epoch
			}
		})
		cancel()
		if err != nil {
			return nil
		}
		stop()
		return m
	}
	p, err := push.NewProducer(push.ProducerOptions{
		Instance: "chat-1", Epoch: rand.Text(), Namespace: "test", Broker: r.broker, Interest: directory.Interest(r.directory, live),
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = p.Close(context.Background()) })
	return p
}

// client is a websocket client that knows packets.
type client struct {
	t testing.TB
	*websocket.Conn
	encoding wire.Encoding
}

// dial connects to the frontend, with a token in the header unless it is empty.
func (n *node) dial(t testing.TB, e wire.Encoding, token string) *client {
	t.Helper()
	h := http.Header{}
	if token != "" {
		h.Set("Authorization", "Bearer "+token)
	}
	_, address := n.Endpoint()
	return connect(t, e, "ws://"+address+"/ws", h)
}

func connect(t testing.TB, e wire.Encoding, url string, h http.Header) *client {
	t.Helper()
	d := websocket.Dialer{Subprotocols: []string{e.Subprotocol()}}
	ws, _, err := d.DialContext(context.Background(), url, h)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	_ = ws.SetReadDeadline(time.Now().Add(30 * time.Second))
	return &client{t: t, Conn: ws, encoding: e}
}

// login connects and waits for the LoginReply.
func (n *node) login(t testing.TB, uid string) *client {
	t.Helper()
	c := n.dial(t, wire.Proto, n.token(uid))
	if p := c.read(); p.ID != wire.IDLogin || p.Code != 0 {
		t.Fatalf("got %+v, want a LoginReply", p)
	}
	return c
}

func (c *client) send(p wire.Packet) {
	c.t.Helper()
	kind := websocket.BinaryMessage
	if c.encoding == wire.JSON {
		kind = websocket.TextMessage
	}
	if err := c.WriteMessage(kind, c.encoding.AppendPacket(nil, &p)); err != nil {
		c.t.Fatal(err)
	}
}

func (c *client) read() wire.Packet {
	c.t.Helper()
	_, b, err := c.ReadMessage()
	if err != nil {
		c.t.Fatalf("got %v, want a packet", err)
	}
	var p wire.Packet
	if err := c.encoding.UnmarshalPacket(b, &p); err != nil {
		c.t.Fatalf("%x: %v", b, err)
	}
	return p
}

// call sends a request and returns the next packet, which must be its reply.
func (c *client) call(id, seq uint32, in proto.Message) wire.Packet {
	c.t.Helper()
	c.send(wire.Packet{ID: id, Seq: seq, Payload: c.payload(in)})
	p := c.read()
	if p.ID != id || p.Seq != seq {
		c.t.Fatalf("got the packet %d with seq %d, want the reply to %d with %d", p.ID, p.Seq, id, seq)
	}
	return p
}

func (c *client) payload(m proto.Message) []byte {
	c.t.Helper()
	if m == nil {
		return nil
	}
	b, err := c.encoding.Marshal(nil, m)
	if err != nil {
		c.t.Fatal(err)
	}
	return b
}

func (c *client) decode(p wire.Packet, m proto.Message) {
	c.t.Helper()
	if err := c.encoding.Unmarshal(p.Payload, m); err != nil {
		c.t.Fatal(err)
	}
}

// closed reads until the close frame and returns its code, and the last packet
// before it.
func (c *client) closed() (int, wire.Packet) {
	c.t.Helper()
	var last wire.Packet
	for {
		_, b, err := c.ReadMessage()
		var e *websocket.CloseError
		switch {
		case errors.As(err, &e):
			return e.Code, last
		case err != nil:
			c.t.Fatalf("got %v, want a close frame", err)
		}
		_ = c.encoding.UnmarshalPacket(b, &last)
	}
}

func (c *client) wantClose(want int) wire.Packet {
	c.t.Helper()
	got, last := c.closed()
	if got != want {
		c.t.Errorf("got close %d, want %d", got, want)
	}
	return last
}

// eventually waits until f reports true: the registry and links are told of
// changes by goroutines of their own.
func eventually(t testing.TB, what string, f func() bool) {
	t.Helper()
	deadline := time.After(10 * time.Second)
	tick := time.NewTicker(2 * time.Millisecond)
	defer tick.Stop()
	for !f() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not in time: %s", what)
		}
	}
}

// tryNew returns what frontend.New says of the settings.
func (r *rig) tryNew(edit func(*config.Config)) error {
	c := r.settings()
	edit(&c)
	_, err := frontend.New(r.t.Context(), &host{rig: r, name: "frontend", instance: "frontend-1", config: c, metrics: prometheus.NewRegistry(), rpc: grpc.NewServer()}, route.Table{})
	return err
}
