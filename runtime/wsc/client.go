// Package wsc is a client of a frontend's websocket for Go: it logs in, calls by
// protocol ID, hears pushes in order, and comes back after a lost connection as
// far as the close codes allow. Generated code adds a typed caller per service
// and OnX per push. Start from Dial.
package wsc

import (
	"context"
	"crypto/tls"
	"errors"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/wire"
)

// Options of a client. The zero value is a client without a login that does not
// come back.
type Options struct {
	// Token logs in. Empty with a TokenSource: it is asked for the first one.
	Token string
	// TokenSource returns a new token after the old one was refused. nil: a
	// refused token ends the client.
	TokenSource func(context.Context) (string, error)
	// URLSource returns where to dial next after a connection was lost, such as
	// another frontend than the one that drains. nil: the same URL again.
	URLSource func(context.Context) (string, error)
	// JSON speaks hawos.v1.json; else hawos.v1.proto.
	JSON bool

	// Reconnect dials again after a lost connection, with pauses that grow to
	// 10 s and differ from client to client. Calls wait meanwhile.
	Reconnect bool
	// OnConnect is called after each login, before calls that wait go out: here a
	// client joins its groups again. login is nil without a token. Calls made
	// with its ctx go out at once. An error ends the connection; it is returned by
	// Dial, and later tried again like a lost connection.
	OnConnect func(ctx context.Context, c *Client, login *hawospb.LoginReply) error
	// OnDisconnect is called each time the connection is lost, with the cause.
	OnDisconnect func(error)

	// Timeout ends a call whose context has no deadline. 0: 30s.
	Timeout time.Duration
	// MaxPushes is how many pushes may wait for their handlers; above it nothing
	// is read, and the frontend closes with 4429 in the end. 0: 4,096.
	MaxPushes int
	Header    http.Header  // sent with the upgrade, such as Origin
	TLS       *tls.Config  // nil: the system's authorities, for wss
	Log       *slog.Logger // nil: nothing is logged
}

// ErrClosed is the cause of the end after Close.
var ErrClosed = errors.New("client is closed")

// Client is one login. All methods may be called concurrently.
type Client struct {
	url      string // only the supervisor uses it, as token
	o        Options
	encoding wire.Encoding
	token    string // only the supervisor uses it
	seq      atomic.Uint32

	ctx    context.Context // ends at Close: the life of the goroutines below
	cancel context.CancelCauseFunc
	loops  sync.WaitGroup
	pushes pushes

	mu      sync.Mutex
	conn    *conn // usable by calls; nil while there is none
	login   *hawospb.LoginReply
	changed chan struct{} // closed and replaced when conn or err changes
	err     error         // why the client ended for good
	done    chan struct{} // closed then
}

// Dial connects to ws://host:port/ws, logs in and calls OnConnect before it
// returns. ctx bounds that alone. The caller closes the client.
func Dial(ctx context.Context, url string, o Options) (*Client, error) {
	if o.Timeout <= 0 {
		o.Timeout = 30 * time.Second
	}
	if o.MaxPushes <= 0 {
		o.MaxPushes = 4096
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Client{url: url, o: o, token: o.Token, changed: make(chan struct{}), done: make(chan struct{})}
	if o.JSON {
		c.encoding = wire.JSON
	}
	c.ctx, c.cancel = context.WithCancelCause(context.Background())
	c.pushes.init(o.MaxPushes)
	c.loops.Go(func() { c.pushes.run(c.ctx, c.encoding, c.o.Log) })
	first, err := c.connectWithToken(ctx)
	if err != nil {
		c.end(err)
		c.cancel(err)
		c.loops.Wait()
		return nil, err
	}
	c.loops.Go(func() { c.supervise(first) })
	return c, nil
}

// Login returns what the frontend said at the last login; nil where the client
// has no token. It must not be changed.
func (c *Client) Login() *hawospb.LoginReply {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.login
}

// Done is closed when the client has ended for good: after Close, or when it
// does not come back.
func (c *Client) Done() <-chan struct{} { return c.done }

// Err returns why the client ended: ErrClosed, a *Closed, or what made dialing
// hopeless; nil until then.
func (c *Client) Err() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.err
}

// Close ends the connection and returns when all goroutines and handlers have
// ended. It must not be called from a handler, and may be called twice.
func (c *Client) Close() error {
	c.cancel(ErrClosed)
	c.loops.Wait()
	return nil
}

// end records why the client ended and wakes all who wait; the first cause
// counts.
func (c *Client) end(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.err == nil {
		c.err = err
		close(c.done)
		c.wake()
	}
}

// use makes calls go over the connection, nil for none.
func (c *Client) use(n *conn) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.conn = n
	c.wake()
}

// wake tells waiting calls to look again; c.mu is held.
func (c *Client) wake() {
	close(c.changed)
	c.changed = make(chan struct{})
}

// On calls f with each push of the protocol ID, decoded into what newMessage
// returns. Pushes are handled one after another in the order of their coming, on
// one goroutine; a push that came before On was called is lost. f may call, but
// while it waits no other push is handled. Generated OnX are shorter.
func (c *Client) On(id uint32, newMessage func() proto.Message, f func(proto.Message)) {
	c.pushes.on(id, newMessage, f)
}

// OnRaw calls f with each push, before the function given to On. The payload, in
// the client's encoding, is f's to keep.
func (c *Client) OnRaw(f func(id uint32, payload []byte)) { c.pushes.onRaw(f) }
