package nsq

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/hawos/hawos/runtime/push"
)

// inFlight is how many messages an nsqd sends before the first is finished; so
// many may come out of order after a lost connection.
const inFlight = 256

// subscription is one reader of topics on all nsqds.
type subscription struct {
	broker *Broker
	reader string
	topics map[string]*sync.Mutex // held while f runs
	f      func(string, []byte)
	life   func(run func(context.Context)) // runs until the subscription ends
	cancel context.CancelFunc
	tasks  sync.WaitGroup

	mu    sync.Mutex
	feeds map[string]bool // addresses of nsqds that are read
	ended bool
}

// Subscribe implements push.Broker. It fails where the nsqd that this process
// publishes to, or without one every nsqd, is away; others are tried again until
// they come back.
func (b *Broker) Subscribe(ctx context.Context, reader string, topics []string, f func(string, []byte)) (push.Subscription, error) {
	life, cancel := context.WithCancel(context.Background())
	s := &subscription{broker: b, reader: reader, topics: map[string]*sync.Mutex{}, f: f, cancel: cancel, feeds: map[string]bool{}}
	s.life = func(run func(context.Context)) { s.tasks.Go(func() { run(life) }) }
	for _, topic := range topics {
		s.topics[topic] = new(sync.Mutex)
	}
	b.mu.Lock()
	closed := b.closed
	b.subs[s] = !closed
	b.mu.Unlock()
	if closed {
		return nil, errors.Join(push.ErrClosed, s.Close(ctx, false))
	}
	var errs []error
	reached := 0
	for _, n := range b.known() {
		err := s.read(ctx, n)
		if err == nil {
			reached++
			continue
		}
		err = fmt.Errorf("subscribe at nsqd %q: %w", n.tcp, err)
		if n.tcp == b.o.NSQD {
			return nil, errors.Join(err, s.Close(ctx, false))
		}
		errs = append(errs, err)
	}
	if reached == 0 {
		errs = append(errs, errors.New("no nsqd to subscribe at"))
		return nil, errors.Join(errors.Join(errs...), s.Close(ctx, false))
	}
	for _, err := range errs {
		b.o.Log.Warn("an nsqd is away; pushes through it wait there", "error", err)
	}
	return s, nil
}

// read begins to read an nsqd, with channels that begin now.
func (s *subscription) read(ctx context.Context, n node) error {
	for topic := range s.topics {
		if err := s.broker.prepare(ctx, n, topic, s.reader); err != nil {
			return err
		}
	}
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return push.ErrClosed
	}
	s.feeds[n.tcp] = true
	s.mu.Unlock()
	for topic := range s.topics {
		x := &feed{s: s, address: n.tcp, topic: topic, first: make(chan error, 1)}
		if !s.begin(x) {
			return push.ErrClosed
		}
		select {
		case err := <-x.first:
			if err != nil {
				s.broker.o.Log.Warn("nsqd went away at once", "nsqd", n.tcp, "error", err)
			}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// begin runs the feed, unless the subscription has ended: Close waits for those
// that run by then.
func (s *subscription) begin(x *feed) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.ended {
		s.life(x.run)
	}
	return !s.ended
}

// follow begins to read nsqds that are new.
func (s *subscription) follow(ctx context.Context) {
	for _, n := range s.broker.known() {
		s.mu.Lock()
		known := s.feeds[n.tcp]
		s.mu.Unlock()
		if known {
			continue
		}
		if err := s.read(ctx, n); err != nil {
			s.broker.o.Log.Warn("cannot read a new nsqd yet", "nsqd", n.tcp, "error", err)
		}
	}
}

// Close implements push.Subscription.
func (s *subscription) Close(ctx context.Context, forever bool) error {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.cancel()
	s.broker.mu.Lock()
	delete(s.broker.subs, s)
	s.broker.mu.Unlock()
	done := make(chan struct{})
	go func() {
		s.tasks.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-ctx.Done():
		return fmt.Errorf("close nsq subscription: %w", ctx.Err())
	}
	if !forever {
		return nil
	}
	var topics []string
	for topic := range s.topics {
		topics = append(topics, topic)
	}
	return s.broker.Remove(ctx, s.reader, topics)
}
