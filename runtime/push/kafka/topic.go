package kafka

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"
	"time"

	"github.com/segmentio/kafka-go"
)

// maxMessageBytes is what a created topic takes, more than push.Producer makes.
const maxMessageBytes = 4 << 20

// create makes the topic unless it is known to exist.
func (b *Broker) create(ctx context.Context, topic string) error {
	b.mu.Lock()
	known := b.created[topic]
	b.mu.Unlock()
	if known {
		return nil
	}
	conn, err := b.controller(ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	defer watch(ctx, conn)()
	retention := strconv.FormatInt(b.o.Retention.Milliseconds(), 10)
	err = conn.CreateTopics(kafka.TopicConfig{
		Topic:             topic,
		NumPartitions:     1,
		ReplicationFactor: b.o.Replication,
		ConfigEntries: []kafka.ConfigEntry{
			{ConfigName: "retention.ms", ConfigValue: retention},
			{ConfigName: "segment.ms", ConfigValue: retention}, // whole segments are deleted
			{ConfigName: "segment.bytes", ConfigValue: strconv.Itoa(64 << 20)},
			{ConfigName: "max.message.bytes", ConfigValue: strconv.Itoa(maxMessageBytes)},
		},
	})
	if err != nil && !errors.Is(err, kafka.TopicAlreadyExists) {
		return fmt.Errorf("create kafka topic %s: %w", topic, err)
	}
	b.mu.Lock()
	b.created[topic] = true
	b.mu.Unlock()
	return nil
}

// forget makes the next use create the topic again: somebody deleted it.
func (b *Broker) forget(topic string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.created, topic)
}

// controller connects to the broker that creates topics.
func (b *Broker) controller(ctx context.Context) (*kafka.Conn, error) {
	conn, err := b.dial(ctx)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer watch(ctx, conn)()
	broker, err := conn.Controller()
	if err != nil {
		return nil, fmt.Errorf("find kafka controller: %w", err)
	}
	address := net.JoinHostPort(broker.Host, strconv.Itoa(broker.Port))
	controller, err := b.dialer.DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("dial kafka controller %q: %w", address, err)
	}
	return controller, nil
}

// watch makes the connection's calls end with ctx; the returned function ends
// the watch.
func watch(ctx context.Context, conn *kafka.Conn) (stop func() bool) {
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline) // a dead connection tells with the next call
	}
	return context.AfterFunc(ctx, func() { _ = conn.SetDeadline(time.Unix(1, 0)) })
}
