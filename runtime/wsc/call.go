package wsc

import (
	"context"
	"errors"
	"math"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/wire"
)

// connKey is under which OnConnect's context holds its connection.
type connKey struct{}

var (
	errDisconnected = errors.New("not connected")
	errUnsent       = errors.New("connection takes no calls any more")
)

// Call sends in to the protocol ID and waits for the reply, read into out; nil
// passes over its payload. The context's deadline travels with the request. Every
// error is an *errcode.Error: the frontend's or handler's refusal;
// DeadlineExceeded or Canceled for ctx; Unavailable where the connection ended
// before the reply came, so that nobody knows whether the request was carried out.
// A client that comes back holds calls until then.
func (c *Client) Call(ctx context.Context, id uint32, in, out proto.Message) error {
	payload, err := c.encoding.Marshal(nil, in)
	if err != nil {
		return errcode.New(codes.InvalidArgument, "request does not encode").Because(err)
	}
	p, err := c.CallRaw(ctx, id, payload)
	if err != nil {
		return err
	}
	if p.Code != 0 {
		return refusal(&p)
	}
	if out == nil {
		return nil
	}
	if err := c.encoding.Unmarshal(p.Payload, out); err != nil {
		return errcode.New(codes.Internal, "reply does not decode").Because(err)
	}
	return nil
}

// CallRaw is Call with payloads in the client's encoding. A refusal is no error:
// it is in the packet's Code.
func (c *Client) CallRaw(ctx context.Context, id uint32, payload []byte) (wire.Packet, error) {
	p := wire.Packet{ID: id, Payload: payload}
	if deadline, ok := ctx.Deadline(); ok {
		p.TimeoutMS = milliseconds(time.Until(deadline))
	} else {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.o.Timeout)
		defer cancel()
	}
	for last := (*conn)(nil); ; {
		n, err := c.current(ctx, last)
		if err != nil {
			return wire.Packet{}, err
		}
		answer, err := n.call(ctx, &p)
		if !errors.Is(err, errUnsent) {
			return answer, err
		}
		last = n
	}
}

// Send sends in to the protocol ID one-way: nothing answers, not even a refusal.
// An error says that it was not sent.
func (c *Client) Send(ctx context.Context, id uint32, in proto.Message) error {
	payload, err := c.encoding.Marshal(nil, in)
	if err != nil {
		return errcode.New(codes.InvalidArgument, "request does not encode").Because(err)
	}
	n, err := c.current(ctx, nil)
	if err != nil {
		return err
	}
	if err := n.send(&wire.Packet{ID: id, Payload: payload}); err != nil {
		return errcode.New(codes.Unavailable, "connection lost").Because(err)
	}
	return nil
}

// current returns the connection, waiting for the next one while the client is
// coming back; last is one that took no call, or nil.
func (c *Client) current(ctx context.Context, last *conn) (*conn, error) {
	if n, ok := ctx.Value(connKey{}).(*conn); ok {
		if n == last {
			return nil, errcode.New(codes.Unavailable, "connection lost").Because(errUnsent).Retry(0)
		}
		return n, nil
	}
	for {
		if ctx.Err() != nil {
			return nil, errcode.From(ctx.Err())
		}
		c.mu.Lock()
		n, err, changed := c.conn, c.err, c.changed
		c.mu.Unlock()
		switch {
		case err != nil:
			return nil, errcode.New(codes.Unavailable, "client has ended").Because(err)
		case n != nil && n != last:
			return n, nil
		}
		select {
		case <-changed:
		case <-ctx.Done():
			return nil, errcode.From(ctx.Err()).Because(errDisconnected)
		}
	}
}

// call sends the request under a seq of its own and waits for the reply.
func (n *conn) call(ctx context.Context, p *wire.Packet) (wire.Packet, error) {
	reply := make(chan wire.Packet, 1)
	if !n.await(p, reply) {
		return wire.Packet{}, errUnsent
	}
	if err := n.send(p); err != nil {
		n.giveUp(p.Seq)
		return wire.Packet{}, errcode.New(codes.Unavailable, "connection lost").Because(err)
	}
	select {
	case answer := <-reply:
		return answer, nil
	case <-ctx.Done():
		n.giveUp(p.Seq)
		return wire.Packet{}, errcode.From(ctx.Err())
	case <-n.done:
	}
	select {
	case answer := <-reply: // it came before the end
		return answer, nil
	default:
		return wire.Packet{}, errcode.New(codes.Unavailable, "connection lost").Because(n.err)
	}
}

// await gives the request a seq that no other in flight has, and enters who
// waits for its reply. It reports false where the connection takes no calls.
func (n *conn) await(p *wire.Packet, reply chan<- wire.Packet) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.err != nil || n.retired != nil {
		return false
	}
	for p.Seq == 0 || n.waiting[p.Seq] != nil {
		p.Seq = n.client.seq.Add(1)
	}
	n.waiting[p.Seq] = reply
	return true
}

func (n *conn) giveUp(seq uint32) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.forget(seq)
}

// forget removes who waits for the seq; n.mu is held.
func (n *conn) forget(seq uint32) {
	delete(n.waiting, seq)
	if len(n.waiting) == 0 && n.retired != nil {
		n.settled.Do(func() { close(n.retired) })
	}
}

// retire lets no new call begin, and returns a channel that is closed when those
// in flight have their replies.
func (n *conn) retire() <-chan struct{} {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.retired = make(chan struct{})
	n.forget(0)
	return n.retired
}

func refusal(p *wire.Packet) error {
	e := errcode.New(p.Code, p.Error)
	if p.Flags&wire.FlagRetryable != 0 {
		e = e.Retry(time.Duration(p.RetryAfterMS) * time.Millisecond)
	}
	return e
}

// milliseconds rounds up, so that a request which has time left does not travel
// with 0, the route's own timeout.
func milliseconds(d time.Duration) uint32 {
	ms := (d + time.Millisecond - 1) / time.Millisecond
	return uint32(min(max(ms, 1), math.MaxUint32))
}
