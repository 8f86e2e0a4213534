package nsq

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"

	"github.com/nsqio/go-nsq"

	"github.com/hawos/hawos/runtime/push"
)

// Publish implements push.Broker: several messages are one MPUB.
func (b *Broker) Publish(ctx context.Context, topic string, messages ...[]byte) error {
	if len(messages) == 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	cmd := nsq.Publish(topic, messages[0])
	if len(messages) > 1 {
		var err error
		if cmd, err = nsq.MultiPublish(topic, messages); err != nil {
			return fmt.Errorf("publish to nsq topic %s: %w", topic, err)
		}
	}
	err := b.do(ctx, topic, cmd)
	if errors.Is(err, errConnection) && ctx.Err() == nil {
		err = b.do(ctx, topic, cmd) // over a new one
	}
	return err
}

func (b *Broker) do(ctx context.Context, topic string, cmd *nsq.Command) error {
	p, err := b.connection(ctx)
	if err != nil {
		return err
	}
	if err := p.do(ctx, cmd); err != nil {
		return fmt.Errorf("publish to nsqd %q, topic %s: %w", p.address, topic, tooLarge(err))
	}
	return nil
}

// tooLarge wraps nsqd's complaint about a size.
func tooLarge(err error) error {
	var refused nsq.ErrProtocol
	if !errors.As(err, &refused) {
		return err
	}
	for _, code := range []string{"E_BAD_MESSAGE", "E_BAD_BODY"} {
		if strings.HasPrefix(refused.Reason, code) {
			return fmt.Errorf("%w: %w", push.ErrTooLarge, err)
		}
	}
	return err
}

// connection returns the connection to publish by, which is dialed where there
// is none or it broke.
func (b *Broker) connection(ctx context.Context) (*publisher, error) {
	select {
	case b.dialing <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	defer func() { <-b.dialing }()
	b.mu.Lock()
	p, closed := b.publisher, b.closed
	b.mu.Unlock()
	if closed {
		return nil, push.ErrClosed
	}
	if p != nil && p.usable() {
		return p, nil
	}
	address, err := b.address()
	if err != nil {
		return nil, err
	}
	if p, err = dialPublisher(address, b.config, logger{b.o.Log}); err != nil {
		return nil, err
	}
	b.mu.Lock()
	b.publisher = p
	b.mu.Unlock()
	return p, nil
}

// address returns the nsqd to publish to; any where none is given.
func (b *Broker) address() (string, error) {
	if b.o.NSQD != "" {
		return b.o.NSQD, nil
	}
	nodes := b.known()
	if len(nodes) == 0 {
		return "", errors.New("lookupd knows no nsqd")
	}
	return nodes[rand.IntN(len(nodes))].tcp, nil
}
