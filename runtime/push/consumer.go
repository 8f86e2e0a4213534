package push

import (
	"context"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hawos/hawos/runtime/hawospb"
)

// ConsumerOptions are what a Consumer needs. Broker, Reader and Topics must be
// given; the zero value of the others is their default.
type ConsumerOptions struct {
	Broker Broker   // stays the caller's to close
	Reader string   // the frontend's instance name
	Topics []string // usually Topic of the frontend and TopicAll

	Log     *slog.Logger          // default: slog.Default
	Metrics prometheus.Registerer // default: none
	// GapWait is how long a broker without order may take to bring a missing
	// push before later ones of its producer go on without it. Default: 1 s.
	GapWait time.Duration
	// MaxHeld is how many pushes of one producer and topic may wait for a
	// missing one; with more they go on at once. Default: 4096.
	MaxHeld int
}

// Consumer takes pushes from the queue and hands each to a frontend once, those
// of a producer and topic in the order of their Sends. It drops doubles, expired
// pushes and messages that make no sense.
type Consumer struct {
	o       ConsumerOptions
	metrics *consumerMetrics
	lanes   map[string]*lane // by topic
	sub     Subscription
}

// NewConsumer returns a Consumer that begins with Start. deliver is called by
// one goroutine at a time per topic, must not block for long, since the queue
// waits for it, and must not call the consumer; the envelope, its target
// included, is never nil and is deliver's to keep.
func NewConsumer(o ConsumerOptions, deliver func(*hawospb.Envelope)) *Consumer {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.GapWait <= 0 {
		o.GapWait = time.Second
	}
	if o.MaxHeld <= 0 {
		o.MaxHeld = 4096
	}
	c := &Consumer{o: o, metrics: newConsumerMetrics(o.Metrics), lanes: map[string]*lane{}}
	for _, topic := range o.Topics {
		c.lanes[topic] = &lane{
			topic:     topic,
			ordered:   o.Broker.Ordered(),
			o:         o,
			metrics:   c.metrics,
			deliver:   deliver,
			producers: map[string]*producerStreams{},
		}
	}
	return c
}

// Start subscribes: deliver hears what is published from when it returns.
func (c *Consumer) Start(ctx context.Context) error {
	sub, err := c.o.Broker.Subscribe(ctx, c.o.Reader, c.o.Topics, c.receive)
	if err != nil {
		return err
	}
	c.sub = sub
	return nil
}

// Close ends the subscription and returns after the last call of deliver. With
// forever the queue forgets the reader, as a graceful stop wants. It may be
// called without Start.
func (c *Consumer) Close(ctx context.Context, forever bool) error {
	var err error
	if c.sub != nil {
		err = c.sub.Close(ctx, forever)
	}
	for _, l := range c.lanes {
		l.close()
	}
	return err
}

// receive takes one message of the queue.
func (c *Consumer) receive(topic string, message []byte) {
	if l := c.lanes[topic]; l != nil {
		l.receive(message)
	}
}
