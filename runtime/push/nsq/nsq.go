// Package nsq is a push.Broker over NSQ, 1.2 or later. A subscriber reads each
// topic through a durable channel named after it, on every nsqd that is known,
// so that nothing is lost while a connection or an nsqd is away. NSQ keeps no
// order: push.Consumer restores it. Start from Open or New.
//
// An nsqd that joins later is found through lookupd within seconds; publish to
// it only after that, since readers of push.TopicAll must have their channels
// there.
package nsq

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/nsqio/go-nsq"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/push"
)

// Options are how a Broker reaches NSQ. NSQD or Lookupd must be given.
type Options struct {
	// NSQD is the TCP address that this process publishes to. Default: any that
	// lookupd names, and another one when that is away.
	NSQD string
	// HTTP is the address of that nsqd's HTTP API. Default: what lookupd says,
	// else the port after NSQD's, as in 4150 and 4151.
	HTTP    string
	Lookupd []string     // HTTP addresses; default: NSQD is the only nsqd
	Secret  string       // for AUTH; default: none
	TLS     *tls.Config  // for TCP; default: none
	Log     *slog.Logger // default: slog.Default

	// Refresh is how often lookupd is asked for new nsqds. Default: 5 s.
	Refresh time.Duration
}

// Broker is a push.Broker. It publishes over one connection, and subscribes with
// one connection per topic and nsqd.
type Broker struct {
	o      Options
	config *nsq.Config
	client *http.Client
	stop   context.CancelFunc
	tasks  sync.WaitGroup

	dialing chan struct{} // holds one token while somebody looks for the publisher

	mu        sync.Mutex
	closed    bool
	nodes     map[string]node // by TCP address
	publisher *publisher      // nil until it is used
	subs      map[*subscription]bool
}

// Open returns a broker with the settings queue.nsq, after it has reached nsqd.
func Open(ctx context.Context, c config.Config, log *slog.Logger) (push.Broker, error) {
	n := c.Queue.NSQ
	t, err := n.TLS.Client()
	if err != nil {
		return nil, fmt.Errorf("queue.nsq.%w", err)
	}
	b, err := New(ctx, Options{NSQD: n.NSQD, HTTP: n.HTTP, Lookupd: n.Lookupd, Secret: n.Secret, TLS: t, Log: log})
	if err != nil {
		return nil, err
	}
	if err := b.ping(ctx); err != nil {
		return nil, errors.Join(err, b.Close())
	}
	return b, nil
}

// New returns a broker that knows its nsqds.
func New(ctx context.Context, o Options) (*Broker, error) {
	if o.NSQD == "" && len(o.Lookupd) == 0 {
		return nil, errors.New("queue.nsq.nsqd is empty: name your server, or start the project with hawosgen up")
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Refresh <= 0 {
		o.Refresh = 5 * time.Second
	}
	b := &Broker{
		o: o, config: settings(o), client: &http.Client{Timeout: 5 * time.Second, Transport: &http.Transport{}},
		nodes: map[string]node{}, subs: map[*subscription]bool{}, dialing: make(chan struct{}, 1),
	}
	if err := b.discover(ctx); err != nil {
		return nil, err
	}
	life, cancel := context.WithCancel(context.Background())
	b.stop = cancel
	if len(o.Lookupd) > 0 {
		b.tasks.Go(func() { b.watch(life) })
	}
	return b, nil
}

// settings are those of every connection.
func settings(o Options) *nsq.Config {
	c := nsq.NewConfig()
	c.UserAgent = "hawos"
	c.OutputBufferSize = -1 // else nsqd holds a lone message up to 250 ms
	c.OutputBufferTimeout = 0
	c.MaxInFlight = inFlight
	c.HeartbeatInterval = 10 * time.Second
	c.ReadTimeout = 25 * time.Second
	c.WriteTimeout = 5 * time.Second
	c.AuthSecret = o.Secret
	c.TlsV1, c.TlsConfig = o.TLS != nil, o.TLS
	return c
}

// Ordered implements push.Broker.
func (b *Broker) Ordered() bool { return false }

// Remove implements push.Broker: the reader's channels are deleted on every
// nsqd, and topics that then have none and are the reader's own.
func (b *Broker) Remove(ctx context.Context, reader string, topics []string) error {
	var errs []error
	for _, n := range b.known() {
		for _, topic := range topics {
			errs = append(errs, b.forget(ctx, n, topic, reader))
		}
	}
	return errors.Join(errs...)
}

// Close implements push.Broker.
func (b *Broker) Close() error {
	b.dialing <- struct{}{} // nobody dials from here on
	b.mu.Lock()
	b.closed = true
	var subs []*subscription
	for s := range b.subs {
		subs = append(subs, s)
	}
	publisher := b.publisher
	b.publisher = nil
	b.mu.Unlock()
	<-b.dialing
	var errs []error
	for _, s := range subs {
		errs = append(errs, s.Close(context.Background(), false))
	}
	if publisher != nil {
		publisher.close()
	}
	b.stop()
	b.tasks.Wait()
	b.client.CloseIdleConnections()
	return errors.Join(errs...)
}

// logger passes go-nsq's lines on; what matters is logged where it is handled.
type logger struct{ log *slog.Logger }

// Output implements go-nsq's logger.
func (l logger) Output(_ int, s string) error {
	l.log.Debug("go-nsq", "text", s)
	return nil
}
