package load

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/wsc"
	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
)

// patience is how long one request may take before the client calls it
// unanswered; the schema's timeouts are shorter.
const patience = 10 * time.Second

// client is one member of the crowd.
type client struct {
	Member
	ws       *wsc.Client
	ledger   *Ledger
	receiver *Receiver
	counts   *counts
	leaving  atomic.Bool // its disconnection is wanted
}

// connect logs the client in and joins its room. After a lost connection it
// comes back and joins again, but its receiver expects nothing more.
func (c *client) connect(ctx context.Context, h *http.Client, config string) error {
	at, err := login(ctx, h, config, c.UID)
	if err != nil {
		return err
	}
	c.ws, err = wsc.Dial(ctx, at.WS, wsc.Options{
		TokenSource: func(ctx context.Context) (string, error) {
			at, err := login(ctx, h, config, c.UID)
			return at.Token, err
		},
		Reconnect:    true,
		OnConnect:    c.connected,
		OnDisconnect: c.disconnected,
	})
	if err != nil {
		return fmt.Errorf("connect %s: %w", c.UID, err)
	}
	return nil
}

func (c *client) connected(ctx context.Context, ws *wsc.Client, _ *hawospb.LoginReply) error {
	chatv1.OnPosted(ws, c.posted)
	if err := c.join(ctx, ws); err != nil {
		c.counts.fail(err)
		return fmt.Errorf("join %q: %w", c.Room, err)
	}
	c.counts.connected.Add(1)
	return nil
}

// join enters the room, again and again where the system says that this is worth
// it: it may have started a moment ago.
func (c *client) join(ctx context.Context, ws *wsc.Client) error {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	for {
		_, err := chatv1.NewChatCaller(ws).Join(ctx, &chatv1.JoinRequest{Room: c.Room})
		refusal := errcode.From(err)
		if refusal == nil {
			return nil
		}
		if !refusal.Retryable() {
			return err
		}
		select {
		case <-time.After(max(refusal.RetryAfter(), 50*time.Millisecond)):
		case <-ctx.Done():
			return err
		}
	}
}

func (c *client) disconnected(error) {
	if c.leaving.Load() {
		return
	}
	c.receiver.Disconnected()
	c.counts.connected.Add(-1)
	c.counts.disconnected.Add(1)
}

// posted runs for each message that somebody posted to the room.
func (c *client) posted(p *chatv1.Posted) {
	m := p.GetMessage()
	if took, ok := c.receiver.Hear(m.GetUid(), m.GetNonce(), time.Now()); ok {
		c.counts.pushes.Add(took)
	}
}

// talk sends messages until ctx ends, the next one when the last was answered.
// It begins somewhere within the first interval, so that the crowd does not
// speak in chorus.
func (c *client) talk(ctx context.Context, every time.Duration) {
	next := time.NewTimer(rand.N(every))
	defer next.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-next.C:
			c.send(context.WithoutCancel(ctx))
			next.Reset(time.Until(now.Add(every)))
		}
	}
}

func (c *client) send(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	start := time.Now()
	nonce := c.ledger.Send(c.UID, start)
	c.counts.sent.Add(1)
	_, err := chatv1.NewChatCaller(c.ws).Send(ctx, &chatv1.SendRequest{
		Room: c.Room, Text: fmt.Sprintf("message %d", nonce), Nonce: nonce,
	})
	if err != nil {
		c.counts.fail(err)
		return
	}
	c.counts.replied.Add(1)
	c.counts.replies.Add(time.Since(start))
	c.ledger.OK(c.UID, nonce)
}

// leave disconnects for good.
func (c *client) leave() {
	c.leaving.Store(true)
	if c.ws != nil {
		_ = c.ws.Close()
	}
}
