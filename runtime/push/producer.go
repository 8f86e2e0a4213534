package push

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/semaphore"
)

// ProducerOptions are what a Producer needs. All fields up to Interest must be
// given; the zero value of the others is their default.
type ProducerOptions struct {
	Instance  string // the producing instance, chat-1
	Epoch     string // its run: two runs of an instance never have the same
	Namespace string
	Broker    Broker // stays the caller's to close
	Interest  Interest

	Log     *slog.Logger          // default: slog.Default
	Metrics prometheus.Registerer // default: none
	// Trace returns the W3C trace context, 25 bytes, that a push carries on, or
	// nil. Default: pushes carry none.
	Trace func(context.Context) []byte
	// Timeout is how long a refused publish is tried again before its Sends
	// fail, and how long a lookup of receivers may take. Default: 5 s.
	Timeout time.Duration
	// MaxBytes is how large one message of the queue may be. Default: 1 MiB,
	// which is what nsqd takes unless told otherwise.
	MaxBytes int
	// MaxQueueBytes is how much may wait for the broker; Sends block above it.
	// At least MaxBytes. Default: 32 MiB.
	MaxQueueBytes int
}

// Producer is the Sender of a process. Each Send passes two stages in the order
// of acceptance: the dispatch finds out which frontends have receivers, in one
// round trip for all that wait; then one outbox per topic publishes what is
// queued there as one message. Both run only while there is work.
type Producer struct {
	o        ProducerOptions
	room     *semaphore.Weighted // bytes of the Sends on their way
	workers  *workers
	metrics  *producerMetrics
	topicAll string

	mu          sync.Mutex
	closed      bool
	accepted    []*send // wait for the dispatch
	dispatching bool
	outboxes    map[string]*outbox // by topic; only the dispatch uses it
}

// NewProducer returns a Producer. It faults options that are missing. Whoever
// called it closes the Producer.
func NewProducer(o ProducerOptions) (*Producer, error) {
	var faults []error
	for name, missing := range map[string]bool{
		"Instance": o.Instance == "", "Epoch": o.Epoch == "", "Namespace": o.Namespace == "",
		"Broker": o.Broker == nil, "Interest": o.Interest == nil,
	} {
		if missing {
			faults = append(faults, fmt.Errorf("push producer: option %s is missing", name))
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Timeout <= 0 {
		o.Timeout = 5 * time.Second
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 1 << 20
	}
	if o.MaxQueueBytes <= 0 {
		o.MaxQueueBytes = 32 << 20
	}
	o.MaxQueueBytes = max(o.MaxQueueBytes, o.MaxBytes)
	return &Producer{
		o:        o,
		room:     semaphore.NewWeighted(int64(o.MaxQueueBytes)),
		workers:  newWorkers(),
		metrics:  newProducerMetrics(o.Metrics),
		topicAll: TopicAll(o.Namespace),
		outboxes: map[string]*outbox{},
	}, nil
}

// Send implements Sender. Beside the broker's and the directory's errors it
// returns ErrNoTarget, ErrTooLarge, ErrClosed, or the context's error; then the
// push may still be on its way.
func (p *Producer) Send(ctx context.Context, m Message) error {
	err := p.send(ctx, m)
	p.metrics.sent(err)
	if err != nil {
		return fmt.Errorf("push %d: %w", m.ID, err)
	}
	return nil
}

func (p *Producer) send(ctx context.Context, m Message) error {
	s, err := p.encode(ctx, m)
	if err != nil {
		return err
	}
	if s.to.nobody() {
		return nil
	}
	if err := p.room.Acquire(ctx, s.cost); err != nil {
		return err
	}
	if !p.accept(s) {
		p.room.Release(s.cost)
		return ErrClosed
	}
	select {
	case <-s.done:
		return s.err
	case <-ctx.Done():
		s.abandoned.Store(true)
		return ctx.Err()
	}
}

// accept gives s its place in the order. It reports false when the producer is
// closed.
func (p *Producer) accept(s *send) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return false
	}
	p.accepted = append(p.accepted, s)
	if !p.dispatching {
		p.dispatching = true
		p.workers.run(p.dispatch)
	}
	return true
}

// Close refuses further Sends, waits for those under way until ctx ends, then
// fails the rest. It returns after the last goroutine has ended; the error is
// ctx's where some had to be failed.
func (p *Producer) Close(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	p.mu.Unlock()
	err := p.room.Acquire(ctx, int64(p.o.MaxQueueBytes)) // all of it: nobody is left
	if err == nil {
		p.room.Release(int64(p.o.MaxQueueBytes))
	}
	p.workers.stop()
	return err
}
