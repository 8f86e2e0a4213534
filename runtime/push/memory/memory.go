// Package memory is a push.Broker within one process, for unit tests and for
// projects of a single process. It keeps nothing once it is closed. Start from
// New.
package memory

import (
	"context"
	"log/slog"
	"slices"
	"sync"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/push"
)

// limit is how many messages may wait for a reader of a topic; Publish blocks
// above it.
const limit = 4096

// Broker is a push.Broker. Messages of a topic arrive in the order of their
// publishing. Publish waits for slow readers.
type Broker struct {
	mu     sync.Mutex
	closed bool
	topics map[string]*topic
	subs   map[*subscription]bool
}

// topic serves its publishers one after another, so that all readers hear the
// same order.
type topic struct {
	publishing chan struct{} // holds one token
	inboxes    []*inbox      // guarded by Broker.mu
}

// New returns a broker without topics.
func New() *Broker {
	return &Broker{topics: map[string]*topic{}, subs: map[*subscription]bool{}}
}

// Open returns New's broker in the shape that app.Drivers wants.
func Open(context.Context, config.Config, *slog.Logger) (push.Broker, error) { return New(), nil }

// Publish implements push.Broker.
func (b *Broker) Publish(ctx context.Context, name string, messages ...[]byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	t, err := b.topic(name)
	if err != nil {
		return err
	}
	select {
	case t.publishing <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-t.publishing }()
	b.mu.Lock()
	inboxes := slices.Clone(t.inboxes)
	b.mu.Unlock()
	for _, m := range messages {
		for _, in := range inboxes {
			if err := in.put(ctx, m); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *Broker) topic(name string) (*topic, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, push.ErrClosed
	}
	return b.lockedTopic(name), nil
}

func (b *Broker) lockedTopic(name string) *topic {
	t := b.topics[name]
	if t == nil {
		t = &topic{publishing: make(chan struct{}, 1)}
		b.topics[name] = t
	}
	return t
}

// Subscribe implements push.Broker.
func (b *Broker) Subscribe(_ context.Context, _ string, topics []string, f func(string, []byte)) (push.Subscription, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, push.ErrClosed
	}
	s := &subscription{broker: b, inboxes: map[string]*inbox{}}
	for _, name := range topics {
		in := &inbox{messages: make(chan []byte, limit), gone: make(chan struct{})}
		s.inboxes[name] = in
		t := b.lockedTopic(name)
		t.inboxes = append(t.inboxes, in)
		s.readers.Go(func() { in.read(name, f) })
	}
	b.subs[s] = true
	return s, nil
}

// Remove implements push.Broker: there is nothing to remove.
func (b *Broker) Remove(context.Context, string, []string) error { return nil }

// Ordered implements push.Broker.
func (b *Broker) Ordered() bool { return true }

// Close implements push.Broker.
func (b *Broker) Close() error {
	b.mu.Lock()
	b.closed = true
	subs := make([]*subscription, 0, len(b.subs))
	for s := range b.subs {
		subs = append(subs, s)
	}
	b.mu.Unlock()
	for _, s := range subs {
		if err := s.Close(context.Background(), false); err != nil {
			return err
		}
	}
	return nil
}
