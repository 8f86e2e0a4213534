package rpc

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"

	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/route"
)

const (
	pingEvery   = 10 * time.Second // finds half-open connections
	pingTimeout = 3 * time.Second
)

// DialerOptions of a dialer.
type DialerOptions struct {
	Registry registry.Registry // nil: only direct targets
	Token    string            // the project's shared secret, sent with each call
	TLS      *tls.Config       // nil: plain TCP
	// Timeout is the deadline of unary calls whose context has none. 0:
	// route.DefaultTimeout.
	Timeout time.Duration
	Log     *slog.Logger          // nil: slog.Default
	Metrics prometheus.Registerer // nil: none
}

// Dialer connects to services by appName, spreading calls over their ready
// instances, and keeps one connection per target. All methods may be called
// concurrently.
type Dialer struct {
	o       DialerOptions
	options []grpc.DialOption

	mu     sync.Mutex
	conns  map[string]*grpc.ClientConn
	closed bool
}

var errDialerClosed = errors.New("dialer is closed")

// NewDialer returns a dialer. Close ends it.
func NewDialer(o DialerOptions) *Dialer {
	if o.Timeout == 0 {
		o.Timeout = route.DefaultTimeout
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	out := &outbound{timeout: o.Timeout, trusted: o.Token != "" || o.TLS != nil && len(o.TLS.Certificates) > 0,
		metrics: newMetrics(o.Metrics, o.Log, "hawos_rpc_client", "made")}
	d := &Dialer{o: o, conns: map[string]*grpc.ClientConn{}}
	d.options = []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithResolvers(directBuilder{}, discoveryBuilder{scheme: appScheme, registry: o.Registry}, discoveryBuilder{scheme: instanceScheme, registry: o.Registry}),
		grpc.WithDefaultServiceConfig(`{"loadBalancingConfig":[{"round_robin":{}}]}`),
		grpc.WithChainUnaryInterceptor(out.unary),
		grpc.WithChainStreamInterceptor(out.stream),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: pingEvery, Timeout: pingTimeout}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage)),
		grpc.WithConnectParams(grpc.ConnectParams{MinConnectTimeout: 3 * time.Second,
			Backoff: backoff.Config{BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 2 * time.Second}}),
	}
	if o.TLS != nil {
		d.options = append(d.options, grpc.WithTransportCredentials(credentials.NewTLS(o.TLS)))
	}
	if o.Token != "" {
		d.options = append(d.options, grpc.WithPerRPCCredentials(token(o.Token)))
	}
	return d
}

// Dial returns the connection to a target: an appName or discovery:///appName,
// round robin over its ready instances; or direct:///host:port,host:port. It
// does not wait for a connection; the first calls wait up to a second for an
// instance to register. The connection belongs to the dialer.
func (d *Dialer) Dial(target string) (*grpc.ClientConn, error) {
	if !strings.Contains(target, ":") {
		target = appScheme + ":///" + target
	}
	app, ok := strings.CutPrefix(target, appScheme+":///")
	if ok {
		if err := registry.CheckName(app); err != nil {
			return nil, fmt.Errorf("dial: %w", err)
		}
	}
	return d.dial(target)
}

// To returns the connection to one instance by name, such as chat-1, wherever it
// runs. It belongs to the dialer.
func (d *Dialer) To(instance string) (*grpc.ClientConn, error) {
	return d.dial(instanceScheme + ":///" + instance)
}

// Each calls f once for every ready instance of the service, concurrently, and
// returns the errors joined, each naming its instance. No instance is no error.
func (d *Dialer) Each(ctx context.Context, appName string, f func(ctx context.Context, i registry.Instance, c *grpc.ClientConn) error) error {
	instances, err := d.ready(ctx, appName)
	if err != nil {
		return err
	}
	faults := make([]error, len(instances))
	var all sync.WaitGroup
	for n, i := range instances {
		all.Go(func() {
			c, err := d.To(i.ID)
			if err == nil {
				err = f(ctx, i, c)
			}
			if err != nil {
				faults[n] = fmt.Errorf("%s: %w", i.ID, err)
			}
		})
	}
	all.Wait()
	return errors.Join(faults...)
}

func (d *Dialer) ready(ctx context.Context, appName string) ([]registry.Instance, error) {
	if d.o.Registry == nil {
		return nil, errNoRegistry
	}
	var first []registry.Instance
	seen := false
	stop, err := d.o.Registry.Watch(ctx, func(all []registry.Instance) {
		if !seen {
			first, seen = all, true
		}
	})
	if err != nil {
		return nil, fmt.Errorf("instances of %q: %w", appName, err)
	}
	stop()
	return matching(first, appScheme, appName), nil
}

// Options returns what the dialer dials with: credentials, interceptors and
// resolvers, for connections of one's own.
func (d *Dialer) Options() []grpc.DialOption { return append([]grpc.DialOption(nil), d.options...) }

// Close closes all connections.
func (d *Dialer) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	var faults []error
	for _, c := range d.conns {
		faults = append(faults, c.Close())
	}
	d.conns, d.closed = nil, true
	return errors.Join(faults...)
}

func (d *Dialer) dial(target string) (*grpc.ClientConn, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.closed {
		return nil, fmt.Errorf("dial %q: %w", target, errDialerClosed)
	}
	if c := d.conns[target]; c != nil {
		return c, nil
	}
	c, err := grpc.NewClient(target, d.options...)
	if err != nil {
		return nil, fmt.Errorf("dial %q: %w", target, err)
	}
	d.conns[target] = c
	return c, nil
}
