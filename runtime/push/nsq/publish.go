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
	p, err := b.producer()
	if err != nil {
		return err
	}
	// Of a size of one, since go-nsq must not wait for a caller that has gone.
	done := make(chan *nsq.ProducerTransaction, 1)
	if len(messages) == 1 {
		err = p.PublishAsync(topic, messages[0], done)
	} else {
		err = p.MultiPublishAsync(topic, messages, done)
	}
	if err == nil {
		select {
		case t := <-done:
			err = t.Error
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	if err != nil {
		return b.failed(p, topic, err)
	}
	return nil
}

// failed wraps the error of a publish, and leaves an nsqd that is away where
// there may be another.
func (b *Broker) failed(p *nsq.Producer, topic string, err error) error {
	err = fmt.Errorf("publish to nsqd %q, topic %s: %w", p.String(), topic, err)
	var refused nsq.ErrProtocol
	if errors.As(err, &refused) {
		if strings.HasPrefix(refused.Reason, "E_BAD_MESSAGE") || strings.HasPrefix(refused.Reason, "E_BAD_BODY") {
			return fmt.Errorf("%w: %w", push.ErrTooLarge, err)
		}
		return err
	}
	if b.o.NSQD != "" {
		return err // the next publish dials it again
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.publisher == p {
		b.publisher = nil
		b.tasks.Go(p.Stop)
	}
	return err
}

// producer returns the connection to publish by.
func (b *Broker) producer() (*nsq.Producer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, push.ErrClosed
	}
	if b.publisher != nil {
		return b.publisher, nil
	}
	address := b.o.NSQD
	if address == "" {
		var all []string
		for a := range b.nodes {
			all = append(all, a)
		}
		if len(all) == 0 {
			return nil, errors.New("lookupd knows no nsqd")
		}
		address = all[rand.IntN(len(all))]
	}
	p, err := nsq.NewProducer(address, b.config)
	if err != nil {
		return nil, err
	}
	p.SetLogger(logger{b.o.Log}, nsq.LogLevelWarning)
	b.publisher = p
	return p, nil
}
