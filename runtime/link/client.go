package link

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/session"
)

// client is one session of a frontend, as the instance knows it.
type client struct {
	server *Server
	strand strand
	closed atomic.Bool // its requests are cancelled

	mu     sync.Mutex // also the strand's
	info   *session.Session
	ctx    context.Context // of its requests; nil until one needs it
	cancel context.CancelFunc
}

func newClient(s *Server, info *session.Session) *client {
	c := &client{server: s, info: info}
	c.strand.mu = &c.mu
	return c
}

func parseInfo(b []byte, frontend string) (*session.Session, error) {
	var i hawospb.SessionInfo
	if err := proto.Unmarshal(b, &i); err != nil {
		return nil, err
	}
	return &session.Session{ID: i.GetId(), UID: i.GetUid(), Frontend: frontend, Remote: i.GetRemote(),
		Opened: time.UnixMilli(i.GetOpenedMs()), JSON: i.GetJson()}, nil
}

// update replaces what is known of the session, and reports whether another user
// is logged in now.
func (c *client) update(info *session.Session) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	other := c.info.UID != info.UID
	c.info = info
	return other
}

// session returns what is known now. The value is never changed.
func (c *client) session() *session.Session {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.info
}

// queue runs k after the session's earlier requests.
func (c *client) queue(k *call) {
	c.mu.Lock()
	idle := c.strand.add(k)
	c.mu.Unlock()
	if idle {
		c.server.workers.submit(&c.strand)
	}
}

// context returns the context that ends with the session.
func (c *client) context() context.Context {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx == nil {
		c.ctx, c.cancel = context.WithCancel(c.server.ctx)
		if c.closed.Load() {
			c.cancel()
		}
	}
	return c.ctx
}

// close cancels the session's requests, one-way ones excepted.
func (c *client) close() {
	c.closed.Store(true)
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.cancel != nil {
		c.cancel()
	}
}
