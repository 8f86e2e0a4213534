// Package kafka is a push.Broker over Apache Kafka, 2.8 or later. Each topic has
// one partition, so that it keeps its order, and is created with a short
// retention: frontends read on from where they were, and from the end when they
// start. There are no consumer groups and no stored offsets. Start from Open or
// New.
package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/segmentio/kafka-go"
	"github.com/segmentio/kafka-go/sasl/plain"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/push"
)

// Options are how a Broker reaches Kafka. Brokers must be given.
type Options struct {
	Brokers            []string // host:port; the first that answers names the rest
	Username, Password string   // SASL PLAIN; empty: none
	TLS                *tls.Config
	Log                *slog.Logger // default: slog.Default

	// Replication is how many copies a created topic has. Default: 1.
	Replication int
	// Retention is how long a created topic keeps messages. Default: 10 min.
	Retention time.Duration
}

// Broker is a push.Broker. Publish holds one connection per topic, and a
// subscription one connection and goroutine per topic.
type Broker struct {
	o      Options
	dialer *kafka.Dialer

	mu      sync.Mutex
	closed  bool
	created map[string]bool // topics that are known to exist
	writers map[string]*writer
	subs    map[*subscription]bool
}

// Open returns a broker with the settings queue.kafka, after it has reached one
// of the servers.
func Open(ctx context.Context, c config.Config, log *slog.Logger) (push.Broker, error) {
	t, err := c.Queue.Kafka.TLS.Client()
	if err != nil {
		return nil, fmt.Errorf("queue.kafka.%w", err)
	}
	k := c.Queue.Kafka
	b, err := New(Options{
		Brokers: k.Brokers, Username: k.Username, Password: k.Password, TLS: t,
		Log: log, Replication: k.ReplicationFactor, Retention: k.Retention,
	})
	if err != nil {
		return nil, err
	}
	conn, err := b.dial(ctx)
	if err != nil {
		return nil, err
	}
	return b, conn.Close()
}

// New returns a broker that dials when it is first used.
func New(o Options) (*Broker, error) {
	if len(o.Brokers) == 0 {
		return nil, errors.New("queue.kafka.brokers is empty: name your servers, or start the project with hawosgen up")
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Replication == 0 {
		o.Replication = 1
	}
	if o.Retention == 0 {
		o.Retention = 10 * time.Minute
	}
	d := &kafka.Dialer{ClientID: "hawos", Timeout: 5 * time.Second, TLS: o.TLS, KeepAlive: 30 * time.Second}
	if o.Username != "" {
		d.SASLMechanism = plain.Mechanism{Username: o.Username, Password: o.Password}
	}
	return &Broker{
		o: o, dialer: d,
		created: map[string]bool{}, writers: map[string]*writer{}, subs: map[*subscription]bool{},
	}, nil
}

// Remove implements push.Broker: Kafka keeps nothing for a reader, and a topic
// that nobody uses is empty after its retention.
func (b *Broker) Remove(context.Context, string, []string) error { return nil }

// Ordered implements push.Broker.
func (b *Broker) Ordered() bool { return true }

// Close implements push.Broker. It waits for publishes under way.
func (b *Broker) Close() error {
	b.mu.Lock()
	b.closed = true
	var subs []*subscription
	for s := range b.subs {
		subs = append(subs, s)
	}
	var writers []*writer
	for _, w := range b.writers {
		writers = append(writers, w)
	}
	b.mu.Unlock()
	var errs []error
	for _, s := range subs {
		errs = append(errs, s.Close(context.Background(), false))
	}
	for _, w := range writers {
		w.close()
	}
	return errors.Join(errs...)
}

// dial connects to the first broker that answers.
func (b *Broker) dial(ctx context.Context) (*kafka.Conn, error) {
	var errs []error
	for _, address := range b.o.Brokers {
		conn, err := b.dialer.DialContext(ctx, "tcp", address)
		if err == nil {
			return conn, nil
		}
		errs = append(errs, fmt.Errorf("dial kafka %q: %w", address, err))
	}
	return nil, errors.Join(errs...)
}

// leader connects to the broker that leads the topic, which is made where there
// is none.
func (b *Broker) leader(ctx context.Context, topic string) (*kafka.Conn, error) {
	if err := b.create(ctx, topic); err != nil {
		return nil, err
	}
	var errs []error
	for _, address := range b.o.Brokers {
		looking, cancel := context.WithTimeout(ctx, 3*time.Second)
		conn, err := b.dialer.DialLeader(looking, "tcp", address, topic, 0)
		cancel()
		if err == nil {
			return conn, nil
		}
		errs = append(errs, fmt.Errorf("dial kafka leader of %s by %q: %w", topic, address, err))
	}
	b.forget(topic) // perhaps somebody deleted it
	return nil, errors.Join(errs...)
}
