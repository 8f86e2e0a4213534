package wsc

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"time"

	"github.com/hawos/hawos/runtime/wire"
)

const (
	firstPause  = 100 * time.Millisecond
	longest     = 10 * time.Second
	settleLimit = 2 * time.Second // how long a GoAway waits for the calls in flight
)

// errGoAway ends a connection whose frontend asked to leave it.
var errGoAway = errors.New("the frontend is about to stop")

// supervise uses one connection after another until the client ends.
func (c *Client) supervise(n *conn) {
	for {
		c.use(n)
		err, away := n.watch(c.ctx)
		c.use(nil)
		n.close(err)
		if c.ctx.Err() == nil && c.o.OnDisconnect != nil {
			c.o.OnDisconnect(err)
		}
		if c.ctx.Err() == nil && c.o.Reconnect && c.comesBack(err) {
			n, err = c.reconnect(err, away)
		} else {
			n = nil
		}
		if n == nil {
			if cause := context.Cause(c.ctx); cause != nil {
				err = cause
			}
			c.end(err)
			c.cancel(err)
			return
		}
	}
}

// watch returns when the connection has ended or should: why, and how long the
// frontend wants the client to stay away.
func (n *conn) watch(ctx context.Context) (error, time.Duration) {
	select {
	case <-n.done:
		return n.err, 0
	case <-ctx.Done():
		return context.Cause(ctx), 0
	case away := <-n.goAway:
		n.client.use(nil) // calls wait for the next connection
		limit := time.NewTimer(settleLimit)
		defer limit.Stop()
		select {
		case <-n.retire():
		case <-limit.C:
		case <-n.done:
		case <-ctx.Done():
			return context.Cause(ctx), 0
		}
		return errGoAway, away
	}
}

// reconnect dials until there is a connection. It returns nil and the reason
// where that is hopeless, or the client is closed.
func (c *Client) reconnect(err error, away time.Duration) (*conn, error) {
	pause := firstPause
	if code(err) == wire.CloseTooSlow {
		pause = time.Second
	}
	for {
		wait := away + rand.N(pause)
		c.o.Log.Info("connection lost", "err", err, "again_in", wait)
		select {
		case <-c.ctx.Done():
			return nil, context.Cause(c.ctx)
		case <-time.After(wait):
		}
		var n *conn
		if n, err = c.connectWithToken(c.ctx); err == nil {
			return n, nil
		}
		if c.ctx.Err() != nil || !c.comesBack(err) {
			return nil, err
		}
		pause, away = min(2*pause, longest), 0
	}
}

// connectWithToken connects, with a token of the source where there is none yet
// or the old one was refused.
func (c *Client) connectWithToken(ctx context.Context) (*conn, error) {
	fresh := false
	for {
		if c.token == "" && c.o.TokenSource != nil {
			token, err := c.o.TokenSource(ctx)
			if err != nil {
				return nil, fmt.Errorf("token source: %w", err)
			}
			c.token, fresh = token, true
		}
		n, err := c.connect(ctx)
		if code(err) != wire.CloseToken || c.o.TokenSource == nil {
			return n, err
		}
		c.token = ""
		if fresh {
			return nil, err
		}
	}
}

// comesBack reports whether dialing again may help after the error.
func (c *Client) comesBack(err error) bool {
	if code := code(err); code == wire.CloseToken {
		c.token = "" // ask for another
		return c.o.TokenSource != nil
	} else if code != 0 {
		return wire.ComesBack(code)
	}
	var r *Refused
	if errors.As(err, &r) {
		return r.Status >= http.StatusInternalServerError || r.Status == http.StatusTooManyRequests
	}
	return true
}

// code returns the close code that the error carries, or 0.
func code(err error) int {
	var closed *Closed
	if errors.As(err, &closed) {
		return closed.Code
	}
	return 0
}
