// Package session is what a handler sees of the client's session that a request
// came from: who it is, and the groups it joins or leaves. It says nothing of
// sockets, which only the frontend has.
package session

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// Session is one client's connection. It is a value; copies are equal.
type Session struct {
	ID       string // unique over all frontends
	UID      string // empty while nobody is logged in
	Frontend string // the instance that holds it, such as frontend-1
	Remote   string // the client's address as the frontend sees it
	Opened   time.Time
	JSON     bool // the client speaks hawos.v1.json
}

// ErrNone is returned by Join and Leave outside a client's request.
var ErrNone = errors.New("no session: the call did not come from a client through a frontend")

// ErrGroup is returned by Join and Leave for a name that is empty or longer
// than MaxGroup bytes.
var ErrGroup = errors.New("group name must have 1 to 200 bytes")

// MaxGroup is the greatest length of a group's name in bytes.
const MaxGroup = 200

// Change makes a request's session join or leave a group.
type Change struct {
	Group string
	Leave bool
}

// Call is a session together with what its request changes; the runtime puts
// one into the context of each handler.
type Call struct {
	Session Session
	// Forwarded says that the session came with a call of another service, which
	// handles the client's request: there is no reply that could carry changes.
	Forwarded bool
	// Trace is the request's W3C trace context in its binary form, 25 bytes, or
	// nil where the client sent none.
	Trace []byte

	mu      sync.Mutex
	changes []Change
}

type key struct{}

// NewContext returns a context in which From finds the call's session. The
// runtime calls it; a unit test of a handler may as well.
func NewContext(ctx context.Context, c *Call) context.Context {
	return context.WithValue(ctx, key{}, c)
}

// From returns the session that the request came from. It reports false on a
// plain call of another service that carries none.
func From(ctx context.Context) (Session, bool) {
	c, ok := ctx.Value(key{}).(*Call)
	if !ok {
		return Session{}, false
	}
	return c.Session, true
}

// UID returns the uid of the logged-in client that the request came from, or ""
// where there is none.
func UID(ctx context.Context) string {
	s, _ := From(ctx)
	return s.UID
}

// Trace returns the W3C trace context, 25 bytes in its binary form, that the
// client sent with its request; nil where there is none. Pushes and calls to other
// services that are made with ctx carry it on. It must not be changed.
func Trace(ctx context.Context) []byte {
	if c, ok := ctx.Value(key{}).(*Call); ok {
		return c.Trace
	}
	return nil
}

// Join makes the session a member of the group before the reply reaches the
// client. It has no effect when the handler returns an error. Where the directory
// is away the client is told UNAVAILABLE, though the handler has run: joining
// again must be harmless. A session leaves all of its groups when it closes.
func Join(ctx context.Context, group string) error {
	return change(ctx, Change{Group: group})
}

// Leave ends the session's membership of the group, like Join.
func Leave(ctx context.Context, group string) error {
	return change(ctx, Change{Group: group, Leave: true})
}

func change(ctx context.Context, ch Change) error {
	c, ok := ctx.Value(key{}).(*Call)
	if !ok || c.Forwarded {
		return ErrNone
	}
	if ch.Group == "" || len(ch.Group) > MaxGroup {
		return fmt.Errorf("group %.40q: %w", ch.Group, ErrGroup)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.changes = append(c.changes, ch)
	return nil
}

// Changes returns the changes so far, in order. The slice is the caller's.
func (c *Call) Changes() []Change {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]Change(nil), c.changes...)
}
