package link

import (
	"context"
	"sync"
	"time"

	"github.com/hawos/hawos/runtime/session"
)

// callContext is the context of one handler's call. Its timer and channel are
// made when somebody first asks for them: most handlers never do, and those that
// call others pay what they would have paid anyway.
type callContext struct {
	call     session.Call
	server   *Server
	client   *client // nil: goes on after the session has closed
	deadline time.Time

	mu     sync.Mutex
	inner  context.Context // nil until needed
	cancel context.CancelFunc
	over   bool // the handler has returned
}

// context returns the real one.
func (c *callContext) context() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.inner == nil {
		parent := c.server.ctx
		if c.client != nil {
			parent = c.client.context()
		}
		c.inner, c.cancel = context.WithDeadline(parent, c.deadline)
		if c.over {
			c.cancel()
		}
	}
	return c.inner
}

// finish ends the context: the handler has returned.
func (c *callContext) finish() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.over = true
	if c.cancel != nil {
		c.cancel()
	}
}

// Deadline implements context.Context.
func (c *callContext) Deadline() (time.Time, bool) { return c.deadline, true }

// Done implements context.Context.
func (c *callContext) Done() <-chan struct{} { return c.context().Done() }

// Err implements context.Context.
func (c *callContext) Err() error {
	c.mu.Lock()
	inner, over := c.inner, c.over
	c.mu.Unlock()
	switch {
	case inner != nil:
		return inner.Err()
	case over || c.client != nil && c.client.closed.Load():
		return context.Canceled
	case !time.Now().Before(c.deadline):
		return context.DeadlineExceeded
	}
	return c.server.ctx.Err()
}

// Value implements context.Context. The real context answers once it exists, so
// that package context finds it and starts no goroutine for what derives of it.
func (c *callContext) Value(key any) any {
	c.mu.Lock()
	inner := c.inner
	c.mu.Unlock()
	if inner == nil {
		return nil
	}
	return inner.Value(key)
}
