package link_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/session"
)

// events writes down what the service hears.
type events struct{ heard chan string }

func newEvents() *events { return &events{heard: make(chan string, 1000)} }

func (e *events) SessionOpened(_ context.Context, s session.Session) {
	e.heard <- fmt.Sprintf("opened %s %q of %s", s.ID, s.UID, s.Frontend)
}

func (e *events) SessionClosed(ctx context.Context, s session.Session, reason string) {
	who, _ := session.From(ctx)
	e.heard <- fmt.Sprintf("closed %s %q of %s: %s", who.ID, s.UID, s.Frontend, reason)
}

func (e *events) next(t *testing.T) string {
	t.Helper()
	select {
	case s := <-e.heard:
		return s
	case <-time.After(wait):
		t.Fatal("no event")
		return ""
	}
}

func TestServiceWithEventsHearsOfEverySession(t *testing.T) {
	s := newSystem(t)
	f := s.frontend("frontend-1", link.PoolOptions{})
	f.client("early", "eve")
	e := newEvents()
	svc := service("chat", 0, method(101, echo(""), route.Options{}))
	svc.Events = e
	i := s.start("chat-1", link.ServerOptions{}, svc)
	if got, want := e.next(t), `opened early "eve" of frontend-1`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	c := f.client("s1", "")
	if got, want := e.next(t), `opened s1 "" of frontend-1`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	c.info.UID = "ann"
	f.UpdateSession(c.Session, c.info)
	if got, want := e.next(t), `opened s1 "ann" of frontend-1`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	f.CloseSession(c.Session, "bye")
	if got, want := e.next(t), `closed s1 "ann" of frontend-1: bye`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	i.kill()
	if got, want := e.next(t), `closed early "eve" of frontend-1: frontend lost`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestLoginIsSeenByLaterRequests(t *testing.T) {
	s := newSystem(t)
	s.start("chat-1", link.ServerOptions{}, service("chat", 0, method(101, func(ctx context.Context, _ *hawospb.Notice) (*hawospb.Notice, error) {
		return &hawospb.Notice{Text: session.UID(ctx)}, nil
	}, route.Options{})))
	f := s.frontend("frontend-1", link.PoolOptions{})
	f.linked(1)
	c := f.client("s1", "")
	if _, text := c.call(101, ""); text != "" {
		t.Errorf("before login: got %q", text)
	}
	c.info.UID = "ann"
	f.UpdateSession(c.Session, c.info)
	if _, text := c.call(101, ""); text != "ann" {
		t.Errorf("after login: got %q, want ann", text)
	}
}

func TestRequestsOfAClosedSessionAreCancelledOneWayOnesAreNot(t *testing.T) {
	s := newSystem(t)
	started, ended := make(chan bool, 10), make(chan error, 10)
	release := make(chan struct{})
	s.start("chat-1", link.ServerOptions{}, service("chat", 0, method(101, func(ctx context.Context, _ *hawospb.Notice) (*hawospb.Notice, error) {
		started <- true
		select {
		case <-ctx.Done():
		case <-release:
		}
		ended <- ctx.Err()
		return &hawospb.Notice{}, ctx.Err()
	}, route.Options{Timeout: wait, Order: route.OrderNone})))
	f := s.frontend("frontend-1", link.PoolOptions{})
	f.linked(1)
	c := f.client("s1", "ann")
	c.send(101, "")
	c.sendRequest(link.Request{ID: 101, OneWay: true}, "")
	<-started
	<-started
	f.CloseSession(c.Session, "bye")
	if err := <-ended; err != context.Canceled {
		t.Errorf("request: got %v, want canceled", err)
	}
	close(release)
	if err := <-ended; err != nil {
		t.Errorf("one-way request: got %v, want none", err)
	}
	select {
	case r := <-c.replies:
		t.Errorf("a closed session received %+v", r)
	default:
	}
}

func TestOneWayRequestsAreAccountedFor(t *testing.T) {
	s := newSystem(t)
	s.start("chat-1", link.ServerOptions{}, service("chat", 0, method(101, func(ctx context.Context, _ *hawospb.Notice) (*hawospb.Notice, error) {
		return &hawospb.Notice{}, session.Join(ctx, "room")
	}, route.Options{})))
	f := s.frontend("frontend-1", link.PoolOptions{})
	f.linked(1)
	c := f.client("s1", "ann")
	c.sendRequest(link.Request{ID: 101, OneWay: true}, "")
	if r := c.reply(); !r.OneWay || r.Code != uint32(codes.OK) || len(r.Groups) != 1 {
		t.Errorf("got %+v, want a one-way answer with its group", r)
	}
}
