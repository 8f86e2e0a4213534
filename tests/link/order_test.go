package link_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/session"
)

func TestSessionsRequestsRunInOrderOnOneInstance(t *testing.T) {
	const clients, requests = 20, 200
	s := newSystem(t)
	var mu sync.Mutex
	ran := map[string][]string{}
	running := map[string]int{}
	record := func(ctx context.Context, in *hawospb.Notice) (*hawospb.Notice, error) {
		who, _ := session.From(ctx)
		mu.Lock()
		defer mu.Unlock()
		running[who.ID]++
		if running[who.ID] > 1 {
			t.Errorf("two requests of %s at once", who.ID)
		}
		ran[who.ID] = append(ran[who.ID], in.Text)
		running[who.ID]--
		return in, nil
	}
	for _, name := range []string{"chat-1", "chat-2", "chat-3"} {
		s.start(name, link.ServerOptions{}, service("chat", 0, method(101, record, route.Options{}), method(102, record, route.Options{})))
	}
	f := s.frontend("frontend-1", link.PoolOptions{})
	f.linked(3)
	var all sync.WaitGroup
	for n := range clients {
		c := f.client(fmt.Sprint("s", n), "")
		all.Go(func() {
			for k := range requests {
				c.send(uint32(101+k%2), fmt.Sprint(k))
			}
			for k := range uint64(requests) {
				if r := c.reply(); r.Code != 0 || r.Tag != k+1 {
					t.Errorf("reply %d: got tag %d, code %d", k+1, r.Tag, r.Code)
				}
			}
		})
	}
	all.Wait()
	for id, texts := range ran {
		for k, text := range texts {
			if text != fmt.Sprint(k) {
				t.Fatalf("%s: request %s ran as number %d", id, text, k)
			}
		}
	}
	if len(ran) != clients {
		t.Errorf("got %d sessions, want %d", len(ran), clients)
	}
}

func TestRequestsOfOneKeyRunInOrderOthersInParallel(t *testing.T) {
	s := newSystem(t)
	g := newGate("chat-1")
	s.start("chat-1", link.ServerOptions{}, service("chat", 0,
		link.Keyed(101, "chat.v1.Chat.Move", g.say, func(in *hawospb.Notice) string { room, _, _ := strings.Cut(in.Text, "/"); return room }, route.Options{})))
	f := s.frontend("frontend-1", link.PoolOptions{})
	f.linked(1)
	a, b := f.client("a", ""), f.client("b", "")
	a.send(101, "x/1")
	if got := g.next(t); got != "x/1" {
		t.Fatalf("got %s first", got)
	}
	a.send(101, "x/2") // waits for x/1
	a.send(101, "y/1") // waits for nobody, not even for its session's others
	if got := g.next(t); got != "y/1" {
		t.Fatalf("got %s while x/1 runs, want y/1", got)
	}
	b.send(101, "z/1") // another session's keys are the same keys
	if got := g.next(t); got != "z/1" {
		t.Fatalf("got %s, want z/1", got)
	}
	g.leave <- struct{}{}
	g.leave <- struct{}{}
	g.leave <- struct{}{}
	if got := g.next(t); got != "x/2" {
		t.Fatalf("got %s, want x/2", got)
	}
	g.leave <- struct{}{}
	for range 3 {
		a.reply()
	}
	b.reply()
}

func TestRequestsWithoutOrderRunInParallel(t *testing.T) {
	s := newSystem(t)
	g := newGate("chat-1")
	s.start("chat-1", link.ServerOptions{}, service("chat", 0, method(101, g.say, route.Options{Order: route.OrderNone})))
	f := s.frontend("frontend-1", link.PoolOptions{})
	f.linked(1)
	c := f.client("a", "")
	for range 10 {
		c.send(101, "")
	}
	for range 10 {
		g.next(t) // all ten are in before one leaves
	}
	close(g.leave)
	for range 10 {
		c.reply()
	}
}

func TestRoundRobinTakesTurnsWhenNothingIsInFlight(t *testing.T) {
	s := newSystem(t)
	for _, name := range []string{"chat-1", "chat-2"} {
		s.start(name, link.ServerOptions{}, service("chat", 0, method(101, echo(name), route.Options{})))
	}
	f := s.frontend("frontend-1", link.PoolOptions{})
	f.linked(2)
	c := f.client("a", "")
	seen := map[string]int{}
	for range 10 {
		_, text := c.call(101, "")
		seen[text]++
	}
	if seen["chat-1:"] != 5 || seen["chat-2:"] != 5 {
		t.Errorf("got %v, want five each", seen)
	}
}

func TestBalanceSessionAgreesOnAllFrontends(t *testing.T) {
	s := newSystem(t)
	for _, name := range []string{"chat-1", "chat-2", "chat-3"} {
		s.start(name, link.ServerOptions{}, service("chat", route.BalanceSession, method(101, echo(name), route.Options{})))
	}
	one, two := s.frontend("frontend-1", link.PoolOptions{}), s.frontend("frontend-2", link.PoolOptions{})
	one.linked(3)
	two.linked(3)
	seen := map[string]bool{}
	for n := range 50 {
		uid := fmt.Sprint("user", n)
		_, a := one.client("a"+uid, uid).call(101, "")
		_, b := two.client("b"+uid, uid).call(101, "")
		if a != b {
			t.Errorf("%s: %s on one frontend, %s on the other", uid, a, b)
		}
		seen[a] = true
	}
	if len(seen) != 3 {
		t.Errorf("50 users went to %v, want all three", seen)
	}
}
