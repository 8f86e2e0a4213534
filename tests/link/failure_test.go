package link_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc/codes"

	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/route"
)

const (
	plainID      = 101
	idempotentID = 102
)

// gated starts two instances that answer when their gates let them, and returns
// them by the order in which the client's first request found them.
func gated(t *testing.T, s *system, f *frontend, c *client) (first, second *instance, at, other *gate) {
	t.Helper()
	gates := []*gate{newGate("chat-1"), newGate("chat-2")}
	var all []*instance
	for _, g := range gates {
		all = append(all, s.start(g.name, link.ServerOptions{}, service("chat", 0,
			method(plainID, g.say, route.Options{Timeout: wait}), method(idempotentID, g.say, route.Options{Timeout: wait, Idempotent: true}))))
	}
	f.linked(2)
	c.send(idempotentID, "1")
	select {
	case <-gates[0].entered:
		return all[0], all[1], gates[0], gates[1]
	case <-gates[1].entered:
		return all[1], all[0], gates[1], gates[0]
	case <-time.After(wait):
		t.Fatal("the first request reached no instance")
		return
	}
}

func TestRequestsOfALostInstanceAreSettledInOrder(t *testing.T) {
	s := newSystem(t)
	f := s.frontend("frontend-1", link.PoolOptions{})
	c := f.client("s1", "ann")
	first, _, _, other := gated(t, s, f, c)
	c.send(plainID, "2")
	c.send(idempotentID, "3")
	c.send(plainID, "4")
	first.kill()
	if got := other.next(t); got != "1" {
		t.Fatalf("sent again: got %q, want 1", got)
	}
	c.send(plainID, "5") // waits until those before it are settled
	other.leave <- struct{}{}
	if r := c.reply(); r.Tag != 1 || textOf(t, r) != other.name+":1" {
		t.Fatalf("got %+v, want the other instance's answer to 1", r)
	}
	if r := c.reply(); r.Tag != 2 || r.Code != uint32(codes.Unavailable) {
		t.Fatalf("got %+v, want UNAVAILABLE for 2", r)
	}
	if got := other.next(t); got != "3" {
		t.Fatalf("sent again: got %q, want 3", got)
	}
	other.leave <- struct{}{}
	if r := c.reply(); r.Tag != 3 || r.Code != 0 {
		t.Fatalf("got %+v, want the answer to 3", r)
	}
	if r := c.reply(); r.Tag != 4 || r.Code != uint32(codes.Unavailable) {
		t.Fatalf("got %+v, want UNAVAILABLE for 4", r)
	}
	if got := other.next(t); got != "5" {
		t.Fatalf("got %q, want 5", got)
	}
	other.leave <- struct{}{}
	if r := c.reply(); r.Tag != 5 || r.Code != 0 {
		t.Fatalf("got %+v, want the answer to 5", r)
	}
}

func TestARequestIsSentAgainOnce(t *testing.T) {
	s := newSystem(t)
	f := s.frontend("frontend-1", link.PoolOptions{})
	c := f.client("s1", "ann")
	first, second, _, other := gated(t, s, f, c)
	first.kill()
	other.next(t)
	second.kill()
	if r := c.reply(); r.Code != uint32(codes.Unavailable) {
		t.Fatalf("got %+v, want UNAVAILABLE after the second loss", r)
	}
	if r, _ := c.call(plainID, ""); r.Code != uint32(codes.Unavailable) {
		t.Fatalf("got %+v, want UNAVAILABLE while nobody is there", r)
	}
}

func TestALostInstanceIsLeftAtOnceAndTakenAgain(t *testing.T) {
	s := newSystem(t)
	echoes := func(name string) link.Service {
		return service("chat", 0, method(plainID, echo(name), route.Options{}))
	}
	one := s.start("chat-1", link.ServerOptions{}, echoes("chat-1"))
	s.start("chat-2", link.ServerOptions{}, echoes("chat-2"))
	f := s.frontend("frontend-1", link.PoolOptions{})
	f.linked(2)
	one.kill() // and the registry still has it
	f.linked(1)
	c := f.client("s1", "ann")
	for range 10 {
		if _, text := c.call(plainID, ""); text != "chat-2:" {
			t.Fatalf("got %q, want chat-2:", text)
		}
	}
	if err := one.Registration.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	s.start("chat-1", link.ServerOptions{}, echoes("chat-1"))
	f.linked(2)
	seen := map[string]bool{}
	for range 2 {
		_, text := c.call(plainID, "")
		seen[text] = true
	}
	if len(seen) != 2 {
		t.Errorf("got %v, want both instances", seen)
	}
}

func TestDrainLosesNothing(t *testing.T) {
	s := newSystem(t)
	f := s.frontend("frontend-1", link.PoolOptions{})
	c, d := f.client("s1", "ann"), f.client("s2", "bob")
	first, _, at, other := gated(t, s, f, c)
	drained := make(chan error, 1)
	go func() { drained <- first.Drain(t.Context()) }()
	f.linked(1)
	c.send(plainID, "2") // must not overtake 1, and must not go to who drains
	d.send(plainID, "3")
	if got := other.next(t); got != "3" {
		t.Fatalf("got %q, want 3", got)
	}
	select {
	case err := <-drained:
		t.Fatalf("Drain returned %v while a request runs", err)
	default:
	}
	at.leave <- struct{}{}
	if r := c.reply(); r.Tag != 1 || r.Code != 0 {
		t.Fatalf("got %+v, want the answer to 1", r)
	}
	if got := other.next(t); got != "2" {
		t.Fatalf("got %q, want 2", got)
	}
	if err := <-drained; err != nil {
		t.Errorf("drain: %v", err)
	}
	other.leave <- struct{}{}
	other.leave <- struct{}{}
	c.reply()
	d.reply()
}

func TestAStuckInstanceStopsNobodyElse(t *testing.T) {
	s := newSystem(t)
	g := newGate("slow")
	s.start("slow-1", link.ServerOptions{}, service("slow", 0, method(201, g.say, route.Options{Timeout: wait})))
	s.start("chat-1", link.ServerOptions{}, service("chat", 0, method(101, echo("chat-1"), route.Options{})))
	f := s.frontend("frontend-1", link.PoolOptions{MaxInFlight: 5})
	f.linked(2)
	c := f.client("s1", "ann")
	for n := range 7 {
		c.send(201, fmt.Sprint(n))
	}
	for range 2 { // two of seven are too many
		if r := c.reply(); r.Code != uint32(codes.ResourceExhausted) {
			t.Fatalf("got %+v, want RESOURCE_EXHAUSTED", r)
		}
	}
	if r, text := c.call(101, "hi"); text != "chat-1:hi" {
		t.Errorf("another service: got %+v", r)
	}
	for range 5 {
		g.leave <- struct{}{}
	}
	for range 5 {
		if r := c.reply(); r.Code != 0 {
			t.Errorf("got %+v, want an answer", r)
		}
	}
}

func TestABusyInstanceRefuses(t *testing.T) {
	s := newSystem(t)
	g := newGate("chat-1")
	s.start("chat-1", link.ServerOptions{Workers: 1, MaxPending: 3}, service("chat", 0, method(101, g.say, route.Options{Timeout: wait, Order: route.OrderNone})))
	f := s.frontend("frontend-1", link.PoolOptions{})
	f.linked(1)
	c := f.client("s1", "ann")
	for range 4 {
		c.send(101, "")
	}
	if r := c.reply(); r.Tag != 4 || r.Code != uint32(codes.ResourceExhausted) {
		t.Fatalf("got %+v, want RESOURCE_EXHAUSTED for the fourth", r)
	}
	close(g.leave)
	for range 3 {
		c.reply()
	}
}

func TestClosedPoolAnswersWhatIsInFlight(t *testing.T) {
	s := newSystem(t)
	g := newGate("chat-1")
	s.start("chat-1", link.ServerOptions{}, service("chat", 0, method(101, g.say, route.Options{Timeout: wait})))
	f := s.frontend("frontend-1", link.PoolOptions{})
	f.linked(1)
	c := f.client("s1", "ann")
	c.send(101, "")
	g.next(t)
	closed := make(chan error, 1)
	go func() { closed <- f.Close(t.Context()) }()
	f.linked(0)
	g.leave <- struct{}{}
	if r := c.reply(); r.Code != 0 {
		t.Errorf("got %+v, want the answer", r)
	}
	if err := <-closed; err != nil {
		t.Errorf("close: %v", err)
	}
	if r, _ := c.call(101, ""); r.Code != uint32(codes.Unavailable) {
		t.Errorf("after Close: got %+v, want UNAVAILABLE", r)
	}
}

func TestASilentInstanceIsPassedOver(t *testing.T) {
	s := newSystem(t)
	metrics := prometheus.NewRegistry()
	f := s.frontend("frontend-1", link.PoolOptions{Metrics: metrics})
	c, d := f.client("s1", "ann"), f.client("s2", "bob")
	_, _, _, other := gated(t, s, f, c) // its first request is not answered
	f.until("the instance counts as silent", func() bool { return counter(t, metrics, "hawos_link_silent_total") == 1 })
	for range 10 {
		other.leave <- struct{}{}
		if _, text := d.call(plainID, "hi"); text != other.name+":hi" {
			t.Fatalf("got %q, want an answer of %s", text, other.name)
		}
	}
}

func counter(t *testing.T, r *prometheus.Registry, name string) float64 {
	t.Helper()
	all, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if f.GetName() == name {
			return f.Metric[0].Counter.GetValue()
		}
	}
	return 0
}
