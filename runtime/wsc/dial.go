package wsc

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/gorilla/websocket"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/wire"
)

// handshakeTimeout bounds the upgrade, and again the login reply.
const handshakeTimeout = 10 * time.Second

// Closed says that the frontend closed the connection.
type Closed struct {
	Code   int    // wire.CloseKicked, …; 1006 where the connection was lost without a word
	Reason string // safe to show; may be empty

	refusal error // of the login that came with the upgrade
}

// Error returns code and reason.
func (e *Closed) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("connection closed with code %d", e.Code)
	}
	return fmt.Sprintf("connection closed with code %d: %s", e.Code, e.Reason)
}

// Unwrap returns the *errcode.Error with which the login was refused, if that is
// why.
func (e *Closed) Unwrap() error { return e.refusal }

// Refused says that the frontend refused the upgrade to a websocket.
type Refused struct {
	Status int // HTTP's
	cause  error
}

// Error returns the status.
func (e *Refused) Error() string {
	return fmt.Sprintf("the frontend refused the websocket: HTTP status %d %s", e.Status, http.StatusText(e.Status))
}

// Unwrap returns the websocket library's error.
func (e *Refused) Unwrap() error { return e.cause }

// connect dials, logs in and calls OnConnect.
func (c *Client) connect(ctx context.Context) (*conn, error) {
	n, err := c.dial(ctx)
	if err != nil {
		return nil, err
	}
	n.loops.Go(n.read)
	login, err := n.awaitLogin(ctx)
	if err == nil {
		c.mu.Lock()
		c.login = login
		c.mu.Unlock()
		n.loops.Go(func() { n.heartbeat(login) })
		if c.o.OnConnect != nil {
			err = c.o.OnConnect(context.WithValue(ctx, connKey{}, n), c, login)
		}
	}
	if err != nil {
		n.close(err)
		return nil, err
	}
	return n, nil
}

func (c *Client) dial(ctx context.Context) (*conn, error) {
	header := c.o.Header.Clone()
	if header == nil {
		header = make(http.Header)
	}
	if c.token != "" {
		header.Set("Authorization", "Bearer "+c.token)
	}
	d := websocket.Dialer{
		Subprotocols: []string{c.encoding.Subprotocol()}, HandshakeTimeout: handshakeTimeout,
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: c.o.TLS,
	}
	ws, resp, err := d.DialContext(ctx, c.url, header)
	switch {
	case err == nil:
	case resp != nil && errors.Is(err, websocket.ErrBadHandshake):
		return nil, &Refused{Status: resp.StatusCode, cause: err}
	default:
		return nil, fmt.Errorf("dial %s: %w", c.url, err)
	}
	return &conn{
		client: c, ws: ws, waiting: make(map[uint32]chan<- wire.Packet),
		login: make(chan *hawospb.LoginReply, 1), goAway: make(chan time.Duration, 1), done: make(chan struct{}),
	}, nil
}

// awaitLogin returns the reply to the token of the upgrade, nil where there was
// none.
func (n *conn) awaitLogin(ctx context.Context) (*hawospb.LoginReply, error) {
	if n.client.token == "" {
		return nil, nil
	}
	ctx, cancel := context.WithTimeout(ctx, handshakeTimeout)
	defer cancel()
	select {
	case reply := <-n.login:
		return reply, nil
	case <-n.done:
		return nil, n.err
	case <-ctx.Done():
		return nil, fmt.Errorf("log in at %s: %w", n.client.url, ctx.Err())
	}
}
