// Package link_test runs frontends' pools against instances over loopback
// connections, with the registry in memory.
package link_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/registry/memory"
	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/selector"
	"github.com/hawos/hawos/runtime/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wait bounds what must happen; it is no measure of speed.
const wait = 20 * time.Second

var quietLog = slog.New(slog.NewTextHandler(io.Discard, nil))

// system is a project: instances, and frontends that route to them.
type system struct {
	t        testing.TB
	registry *memory.Registry
	table    route.Table
}

func newSystem(t testing.TB) *system {
	s := &system{t: t, registry: memory.New()}
	t.Cleanup(func() { s.registry.Close() })
	return s
}

// instance is one process of a service.
type instance struct {
	*link.Server
	registry.Registration
	t    testing.TB
	info registry.Instance
	grpc *grpc.Server
	once sync.Once
	done chan struct{}
}

// start runs an instance of the services, all of one app, and waits for nothing.
func (s *system) start(name string, o link.ServerOptions, services ...link.Service) *instance {
	s.t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	o.Instance, o.Epoch, o.Namespace, o.Log = name, name+" at "+l.Addr().String(), "test", quietLog
	i := &instance{t: s.t, Server: link.NewServer(o), grpc: grpc.NewServer(grpc.ForceServerCodecV2(link.Codec{})), done: make(chan struct{})}
	for _, svc := range services {
		i.Register(svc)
	}
	i.Attach(i.grpc)
	go func() { defer close(i.done); _ = i.grpc.Serve(l) }()
	i.info = registry.Instance{App: services[0].App, ID: name, Address: l.Addr().String(), State: registry.Ready,
		Started: time.Now(), Epoch: o.Epoch, Entries: i.Entries()}
	if i.Registration, err = s.registry.Register(s.t.Context(), i.info); err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(i.kill)
	return i
}

// kill cuts all connections, as a crash does; the registry notices nothing.
func (i *instance) kill() {
	i.once.Do(func() {
		i.grpc.Stop()
		<-i.done
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		defer cancel()
		if err := i.Server.Close(ctx); err != nil {
			i.t.Errorf("close %s: %v", i.info.ID, err)
		}
	})
}

// frontend is one frontend's routing.
type frontend struct {
	t testing.TB
	*link.Pool
	selector *selector.Selector
	name     string
}

func (s *system) frontend(name string, o link.PoolOptions) *frontend {
	s.t.Helper()
	sel, err := selector.New(s.t.Context(), s.registry, selector.Options{Table: s.table, Log: quietLog})
	if err != nil {
		s.t.Fatal(err)
	}
	o.Instance, o.Namespace, o.Answered = name, "test", deliver
	if o.Log == nil {
		o.Log = quietLog
	}
	f := &frontend{t: s.t, Pool: link.NewPool(sel, o), selector: sel, name: name}
	s.t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		defer cancel()
		_ = f.Pool.Close(ctx) // what is left of a test may still be in flight
		sel.Close()
	})
	return f
}

// client is one session, and what it received.
type client struct {
	t testing.TB
	*link.Session
	f       *frontend
	info    session.Session
	replies chan link.Reply
	tag     uint64

	mu     sync.Mutex
	queued []link.Reply // not delivered yet
}

func (f *frontend) client(id, uid string) *client {
	c := &client{t: f.t, f: f, replies: make(chan link.Reply, 10_000)}
	c.info = session.Session{ID: id, UID: uid, Frontend: f.name, Remote: "10.0.0.1:1", Opened: time.UnixMilli(5)}
	c.Session = f.OpenSession(c.info, c)
	return c
}

// LinkReply implements link.Receiver. Like the frontend, it queues: a client that
// saw a reply before its batch ended could ask again while that request still
// counts as in flight.
func (c *client) LinkReply(r *link.Reply) {
	own := *r
	own.Payload, own.Groups = slices.Clone(r.Payload), slices.Clone(r.Groups)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.queued = append(c.queued, own)
}

// deliver hands out what LinkReply queued.
func deliver(to []link.Receiver) {
	for _, r := range to {
		c := r.(*client)
		c.mu.Lock()
		for _, reply := range c.queued {
			c.replies <- reply
		}
		c.queued = c.queued[:0]
		c.mu.Unlock()
	}
}

// send sends a notice and returns its tag.
func (c *client) send(id uint32, text string) uint64 {
	return c.sendRequest(link.Request{ID: id}, text)
}

func (c *client) sendRequest(r link.Request, text string) uint64 {
	c.t.Helper()
	b, err := r.Encoding.Marshal(nil, &hawospb.Notice{Text: text})
	if err != nil {
		c.t.Fatal(err)
	}
	c.tag++
	r.Payload, r.Tag = b, c.tag
	c.f.Send(c.Session, r)
	return c.tag
}

func (c *client) reply() link.Reply {
	c.t.Helper()
	select {
	case r := <-c.replies:
		return r
	case <-time.After(wait):
		c.t.Fatal("no reply")
		return link.Reply{}
	}
}

// call sends a notice and returns the reply with its text.
func (c *client) call(id uint32, text string) (link.Reply, string) {
	c.t.Helper()
	tag := c.send(id, text)
	r := c.reply()
	if r.Tag != tag {
		c.t.Fatalf("reply to %d, want to %d", r.Tag, tag)
	}
	return r, textOf(c.t, r)
}

func textOf(t testing.TB, r link.Reply) string {
	t.Helper()
	var n hawospb.Notice
	if err := proto.Unmarshal(r.Payload, &n); err != nil {
		t.Fatal(err)
	}
	return n.Text
}

// linked waits until the frontend can reach n instances.
func (f *frontend) linked(n int) {
	f.t.Helper()
	f.until("links", func() bool { return f.Links() == n })
}

func (f *frontend) until(what string, done func() bool) {
	f.t.Helper()
	until(f.t, what, done)
}

func until(t testing.TB, what string, done func() bool) {
	t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	end := time.After(wait)
	for !done() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("it never came to: %s", what)
		}
	}
}

// say is the handler of a method that takes and returns a notice.
type say = func(context.Context, *hawospb.Notice) (*hawospb.Notice, error)

// service is one of methods from ID 101 on.
func service(app string, b route.Balance, methods ...link.Method) link.Service {
	return link.Service{App: app, Name: app + ".v1.Service", Balance: b, Methods: methods}
}

func method(id uint32, h say, o route.Options) link.Method {
	return link.Unary(id, "test.v1.Service.Say", h, o)
}

// echo answers with its own name and the text.
func echo(name string) say {
	return func(_ context.Context, in *hawospb.Notice) (*hawospb.Notice, error) {
		return &hawospb.Notice{Text: name + ":" + in.Text}, nil
	}
}

// gate is a handler that tells what came in, and answers when it is let.
type gate struct {
	name    string
	entered chan string
	leave   chan struct{}
}

func newGate(name string) *gate {
	return &gate{name: name, entered: make(chan string, 10_000), leave: make(chan struct{}, 10_000)}
}

func (g *gate) say(ctx context.Context, in *hawospb.Notice) (*hawospb.Notice, error) {
	g.entered <- in.Text
	select {
	case <-g.leave:
		return &hawospb.Notice{Text: g.name + ":" + in.Text}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (g *gate) next(t testing.TB) string {
	t.Helper()
	select {
	case s := <-g.entered:
		return s
	case <-time.After(wait):
		t.Fatalf("nothing reached %s", g.name)
		return ""
	}
}
