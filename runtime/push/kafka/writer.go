package kafka

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/hawos/hawos/runtime/push"
)

// writer is the connection that a topic is published by.
type writer struct {
	topic  string
	busy   chan struct{} // holds one token while somebody uses the fields below
	conn   *kafka.Conn   // nil until it is dialed
	closed bool
}

// Publish implements push.Broker: the messages are one batch, acknowledged by
// all replicas that are in sync.
func (b *Broker) Publish(ctx context.Context, topic string, messages ...[]byte) error {
	if len(messages) == 0 || ctx.Err() != nil {
		return ctx.Err()
	}
	w, err := b.writer(topic)
	if err != nil {
		return err
	}
	select {
	case w.busy <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-w.busy }()
	if w.closed {
		return push.ErrClosed
	}
	used := w.conn != nil
	err = patiently(ctx, func() error { return b.write(ctx, w, messages) })
	if err != nil && used && !refused(err) && ctx.Err() == nil {
		err = b.write(ctx, w, messages) // the idle connection had died
	}
	if err != nil {
		return fmt.Errorf("publish to kafka topic %s: %w", topic, err)
	}
	return nil
}

func (b *Broker) writer(topic string) (*writer, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		return nil, push.ErrClosed
	}
	w := b.writers[topic]
	if w == nil {
		w = &writer{topic: topic, busy: make(chan struct{}, 1)}
		b.writers[topic] = w
	}
	return w, nil
}

// write writes one batch. After an error the connection is not used again.
func (b *Broker) write(ctx context.Context, w *writer, messages [][]byte) error {
	if w.conn == nil {
		conn, err := b.leader(ctx, w.topic)
		if err != nil {
			return err
		}
		if err := conn.SetRequiredAcks(int(kafka.RequireAll)); err != nil {
			return errors.Join(err, conn.Close())
		}
		w.conn = conn
	}
	batch := make([]kafka.Message, len(messages))
	for i, m := range messages {
		batch[i].Value = m
	}
	_ = w.conn.SetDeadline(time.Now().Add(10 * time.Second))
	stop := watch(ctx, w.conn)
	_, err := w.conn.WriteMessages(batch...)
	if stop() && err == nil {
		return nil
	}
	_ = w.conn.Close() // stopped half way, or about to be
	w.conn = nil
	switch {
	case err != nil && ctx.Err() != nil:
		return fmt.Errorf("%w: %w", ctx.Err(), err)
	case errors.Is(err, kafka.MessageSizeTooLarge), errors.Is(err, kafka.RecordListTooLarge):
		return fmt.Errorf("%w: %w", push.ErrTooLarge, err)
	case errors.Is(err, kafka.UnknownTopicOrPartition):
		b.forget(w.topic)
	}
	return err
}

// refused reports whether Kafka answered, rather than the network.
func refused(err error) bool {
	var answer kafka.Error
	return errors.As(err, &answer)
}

// close waits for the publish under way.
func (w *writer) close() {
	w.busy <- struct{}{}
	defer func() { <-w.busy }()
	w.closed = true
	if w.conn != nil {
		_ = w.conn.Close() // nothing is on its way
		w.conn = nil
	}
}
