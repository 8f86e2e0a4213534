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
		err := n.watch(c.ctx)
		c.use(nil)
		n.close(err)
		if c.ctx.Err() == nil && c.o.OnDisconnect != nil {
			c.o.OnDisconnect(err)
		}
		if c.ctx.Err() == nil && c.o.Reconnect && c.comesBack(err) {
			n, err = c.reconnect(err)
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

// watch returns why the connection has ended, or should.
func (n *conn) watch(ctx context.Context) error {
	select {
	case <-n.done:
		return n.err
	case <-ctx.Done():
		return context.Cause(ctx)
	case when := <-n.goAway:
		return n.leave(ctx, when)
	}
}

// leave ends the connection somewhat before the frontend would, which takes no
// requests from then on: calls wait for the next connection, and those in flight
// for their replies.
func (n *conn) leave(ctx context.Context, when time.Duration) error {
	stay := time.NewTimer(when/2 + rand.N(when/4+1))
	defer stay.Stop()
	select {
	case <-n.done:
		return n.err
	case <-ctx.Done():
		return context.Cause(ctx)
	case <-stay.C:
	}
	n.client.use(nil)
	limit := time.NewTimer(settleLimit)
	defer limit.Stop()
	select {
	case <-n.retire():
	case <-limit.C:
	case <-n.done:
	case <-ctx.Done():
		return context.Cause(ctx)
	}
	return errGoAway
}

// reconnect dials until there is a connection. It returns nil and the reason
// where that is hopeless, or the client is closed.
func (c *Client) reconnect(err error) (*conn, error) {
	pause := firstPause
	if code := code(err); code == wire.CloseTooSlow || code == wire.CloseDraining {
		pause = time.Second
	}
	for {
		wait := rand.N(pause)
		c.o.Log.Info("connection lost", "err", err, "again_in", wait)
		select {
		case <-c.ctx.Done():
			return nil, context.Cause(c.ctx)
		case <-time.After(wait):
		}
		var n *conn
		if n, err = c.connectAgain(c.ctx); err == nil {
			return n, nil
		}
		if c.ctx.Err() != nil || !c.comesBack(err) {
			return nil, err
		}
		pause = min(2*pause, longest)
	}
}

// connectAgain connects to where the source of URLs says now.
func (c *Client) connectAgain(ctx context.Context) (*conn, error) {
	if c.o.URLSource != nil {
		url, err := c.o.URLSource(ctx)
		if err != nil {
			return nil, fmt.Errorf("URL source: %w", err)
		}
		c.url = url
	}
	return c.connectWithToken(ctx)
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
