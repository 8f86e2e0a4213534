package link

import (
	"context"
	"errors"
	"runtime"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hawos/hawos/runtime/session"
)

// bubble runs f with a context of a call that has a second left.
func bubble(t *testing.T, f func(*testing.T, *Server, *callContext)) {
	synctest.Test(t, func(t *testing.T) {
		s := NewServer(ServerOptions{})
		c := &callContext{server: s, client: newClient(s, &session.Session{}), deadline: time.Now().Add(time.Second)}
		f(t, s, c)
		c.finish()
		if err := c.Err(); err == nil {
			t.Error("the context goes on after its handler")
		}
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func TestCallContextEndsAtItsDeadline(t *testing.T) {
	for _, watched := range []bool{false, true} {
		bubble(t, func(t *testing.T, _ *Server, c *callContext) {
			if watched {
				c.Done()
			}
			if err := c.Err(); err != nil {
				t.Errorf("before: got %v", err)
			}
			time.Sleep(time.Second) // the bubble's clock
			synctest.Wait()
			if err := c.Err(); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("watched %v: got %v, want deadline exceeded", watched, err)
			}
		})
	}
}

func TestCallContextEndsWithItsSession(t *testing.T) {
	for _, watched := range []bool{false, true} {
		bubble(t, func(t *testing.T, _ *Server, c *callContext) {
			if watched {
				c.Done()
			}
			c.client.close()
			if err := c.Err(); !errors.Is(err, context.Canceled) {
				t.Errorf("watched %v: got %v, want canceled", watched, err)
			}
			<-c.Done()
		})
	}
}

func TestCallContextOfAnEndedServerIsCanceled(t *testing.T) {
	bubble(t, func(t *testing.T, s *Server, c *callContext) {
		s.cancel()
		if err := c.Err(); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v, want canceled", err)
		}
	})
}

func TestContextsDerivedFromACallNeedNoGoroutine(t *testing.T) {
	bubble(t, func(t *testing.T, _ *Server, c *callContext) {
		before := runtime.NumGoroutine()
		child, cancel := context.WithCancel(session.NewContext(c, &c.call))
		defer cancel()
		if after := runtime.NumGoroutine(); after != before {
			t.Errorf("got %d goroutines more", after-before)
		}
		c.client.close()
		<-child.Done()
	})
}

func TestCallContextCostsNothingUnlessWatched(t *testing.T) {
	s := NewServer(ServerOptions{})
	defer s.Close(t.Context())
	client := newClient(s, &session.Session{})
	n := testing.AllocsPerRun(100, func() {
		c := &callContext{server: s, client: client, deadline: time.Now().Add(time.Second)}
		if _, ok := session.From(session.NewContext(c, &c.call)); !ok || c.Err() != nil {
			t.Fatal("no session")
		}
		c.finish()
	})
	if n > 2 {
		t.Errorf("got %v allocations, want 2", n)
	}
}
