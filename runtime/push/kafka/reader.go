package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/hawos/hawos/runtime/push"
)

// How a reader asks: the broker answers as soon as there is a message, else
// after maxWait.
const (
	maxWait    = time.Second
	fetchBytes = 8 << 20
)

// subscription is a set of readers, one per topic.
type subscription struct {
	broker  *Broker
	cancel  context.CancelFunc
	readers sync.WaitGroup
}

// reader reads one topic.
type reader struct {
	broker *Broker
	topic  string
	conn   *kafka.Conn // nil: to be dialed again
	offset int64       // of the next message
	f      func(string, []byte)
}

// Subscribe implements push.Broker: it returns once the end of each topic is
// known.
func (b *Broker) Subscribe(ctx context.Context, _ string, topics []string, f func(string, []byte)) (push.Subscription, error) {
	var readers []*reader
	for _, topic := range topics {
		r := &reader{broker: b, topic: topic, f: f}
		if err := patiently(ctx, func() error { return r.begin(ctx) }); err != nil {
			for _, r := range readers {
				_ = r.conn.Close()
			}
			return nil, err
		}
		readers = append(readers, r)
	}
	life, cancel := context.WithCancel(context.Background())
	s := &subscription{broker: b, cancel: cancel}
	for _, r := range readers {
		s.readers.Go(func() { r.run(life) })
	}
	b.mu.Lock()
	closed := b.closed
	b.subs[s] = true
	b.mu.Unlock()
	if closed {
		return nil, errors.Join(push.ErrClosed, s.Close(ctx, false))
	}
	return s, nil
}

// Close implements push.Subscription.
func (s *subscription) Close(ctx context.Context, _ bool) error {
	s.cancel()
	s.broker.mu.Lock()
	delete(s.broker.subs, s)
	s.broker.mu.Unlock()
	done := make(chan struct{})
	go func() {
		s.readers.Wait()
		close(done)
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close kafka subscription: %w", ctx.Err())
	}
}

// begin dials and finds the end of the topic.
func (r *reader) begin(ctx context.Context) error {
	conn, err := r.broker.leader(ctx, r.topic)
	if err != nil {
		return err
	}
	stop := watch(ctx, conn)
	end, err := conn.ReadLastOffset()
	if !stop() && err == nil {
		err = ctx.Err()
	}
	if err != nil {
		return errors.Join(fmt.Errorf("find end of kafka topic %s: %w", r.topic, err), conn.Close())
	}
	r.conn, r.offset = conn, end
	return nil
}

// run reads until ctx ends, over as many connections as it takes.
func (r *reader) run(ctx context.Context) {
	log := r.broker.o.Log.With("topic", r.topic)
	for wait := time.Duration(0); ; {
		before := r.offset
		err := r.read(ctx)
		if ctx.Err() != nil {
			return
		}
		if errors.Is(err, kafka.UnknownTopicOrPartition) {
			r.broker.forget(r.topic)
		}
		if r.offset != before {
			wait = 0
		}
		wait = min(max(2*wait, 20*time.Millisecond), time.Second)
		log.Warn("reading from kafka interrupted", "error", err, "offset", r.offset, "again_in", wait)
		pause := time.NewTimer(wait)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return
		}
	}
}

// read reads over one connection until it fails.
func (r *reader) read(ctx context.Context) error {
	conn := r.conn
	r.conn = nil
	if conn == nil {
		dialing, cancel := context.WithTimeout(ctx, 10*time.Second)
		defer cancel()
		var err error
		if conn, err = r.broker.leader(dialing, r.topic); err != nil {
			return err
		}
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.Close() })()
	for ctx.Err() == nil {
		err := r.fetch(ctx, conn)
		if errors.Is(err, kafka.OffsetOutOfRange) {
			err = r.findBack(conn)
		}
		if err != nil {
			return err
		}
	}
	return ctx.Err()
}

// fetch asks for messages once.
func (r *reader) fetch(ctx context.Context, conn *kafka.Conn) error {
	if _, err := conn.Seek(r.offset, kafka.SeekAbsolute|kafka.SeekDontCheck); err != nil {
		return err
	}
	_ = conn.SetDeadline(time.Now().Add(maxWait + 10*time.Second)) // a dead connection tells below
	batch := conn.ReadBatchWith(kafka.ReadBatchConfig{MinBytes: 1, MaxBytes: fetchBytes, MaxWait: maxWait})
	for ctx.Err() == nil {
		m, err := batch.ReadMessage()
		if errors.Is(err, io.EOF) || errors.Is(err, kafka.RequestTimedOut) {
			break // the latter is the end of a batch that was waited for in vain
		}
		if err != nil {
			_ = batch.Close() // reports the same error
			return err
		}
		r.offset = m.Offset + 1
		r.f(r.topic, m.Value)
	}
	if err := batch.Close(); !errors.Is(err, kafka.RequestTimedOut) {
		return err
	}
	return nil
}

// findBack mends an offset that the topic does not have any more: its beginning
// was deleted, or all of it, and it was made anew.
func (r *reader) findBack(conn *kafka.Conn) error {
	_ = conn.SetDeadline(time.Now().Add(10 * time.Second))
	first, last, err := conn.ReadOffsets()
	if err != nil {
		return err
	}
	if r.offset < first || r.offset > last {
		r.broker.o.Log.Warn("pushes lost: kafka has deleted what was not read yet", "topic", r.topic, "offset", r.offset, "goes_on_at", first)
		r.offset = first
	}
	return nil
}
