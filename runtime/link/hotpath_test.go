package link

import (
	"context"
	"log/slog"
	"testing"

	"google.golang.org/grpc/mem"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/selector"
	"github.com/hawos/hawos/runtime/session"
)

// nowhere is a stream that takes everything.
var nowhere = streamer{send: func(p *packed) error { p.buf.Free(); return nil }, end: func() error { return nil }, drop: func() {}}

// answering returns the instance's side of a link, which handles a frame and
// waits until it is answered. The handler answers with its request.
func answering(t testing.TB) (handle func(*frame)) {
	s := NewServer(ServerOptions{Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { s.Close(context.Background()) })
	s.Register(Service{App: "chat", Name: "chat.v1.Chat", Methods: []Method{Unary(101, "chat.v1.Chat.Say",
		func(_ context.Context, in *hawospb.Notice) (*hawospb.Notice, error) { return in, nil }, route.Options{})}})
	s.hello = s.introduction()
	p := &peer{server: s, idle: make(chan struct{}, 1), sessions: map[uint64]*client{1: newClient(s, &session.Session{ID: "s1"})}}
	p.out = newOutbox(0, &s.buffers, nowhere)
	return func(f *frame) {
		if err := p.receive(f, mem.SliceBuffer(f.payload)); err != nil {
			t.Fatal(err)
		}
		<-p.idle
	}
}

func notice(t testing.TB) *frame {
	return &frame{kind: hawospb.Frame_REQUEST, call: 1, session: 1, id: 101, timeoutMS: 3000,
		payload: marshal(t, &hawospb.Notice{Text: "sixty-four bytes of a payload, give or take a few, are typical"})}
}

func BenchmarkDispatch(b *testing.B) {
	handle, f := answering(b), notice(b)
	b.ReportAllocs()
	for b.Loop() {
		handle(f)
	}
}

// mute receives replies and counts them.
type mute struct{ n int }

func (m *mute) LinkReply(*Reply) { m.n++ }

// oneLink returns the frontend's side with one linked instance, which answers 101.
func oneLink(t testing.TB, options route.Options) (*Pool, *conn, *mute) {
	all := &watched{}
	all.Publish([]registry.Instance{{App: "chat", ID: "chat-1", State: registry.Ready,
		Entries: []route.Entry{{ID: 101, App: "chat", Method: "chat.v1.Chat.Say", Options: options}}}})
	sel, err := selector.New(context.Background(), all, selector.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(sel.Close)
	o := PoolOptions{}.withDefaults()
	p := &Pool{o: o, metrics: newPoolMetrics(nil, o.Log), sessions: map[*Session]struct{}{}}
	c := &conn{pool: p, name: "chat-1"}
	p.view.Store(&view{table: sel.Table(), conns: []*conn{c}, index: map[*conn]int{c: 0}})
	c.up(newOutbox(o.MaxQueueBytes, &p.buffers, nowhere), &hawospb.Hello{})
	return p, c, &mute{}
}

func sessionOf(uid string) session.Session { return session.Session{ID: "s1", UID: uid} }

// routing returns a function that sends a request over oneLink and lets the
// instance answer it.
func routing(t testing.TB, options route.Options) (roundTrip func(), replies *mute) {
	p, c, replies := oneLink(t, options)
	s := p.OpenSession(sessionOf("ann"), replies)
	payload := make([]byte, 64)
	answer := frame{kind: hawospb.Frame_REPLY, payload: payload}
	return func() {
		p.Send(s, Request{ID: 101, Payload: payload})
		answer.call = uint64(c.calls.slots[0].use) << slotBits
		if err := c.receive(&answer); err != nil {
			t.Fatal(err)
		}
	}, replies
}

// watched is a registry with a fixed snapshot.
type watched struct {
	registry.Registry
	registry.Watchers
}

// Watch implements registry.Registry.
func (w *watched) Watch(ctx context.Context, f func([]registry.Instance)) (func(), error) {
	return w.Watchers.Watch(ctx, f)
}

func BenchmarkRouting(b *testing.B) {
	roundTrip, _ := routing(b, route.Options{})
	b.ReportAllocs()
	for b.Loop() {
		roundTrip()
	}
}
