package rpc

import (
	"context"
	"crypto/tls"
	"log/slog"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"

	"github.com/hawos/hawos/runtime/registry"
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
type Dialer struct{}

// NewDialer returns a dialer. Close ends it.
func NewDialer(o DialerOptions) *Dialer { return &Dialer{} }

// Dial returns the connection to a target: an appName or discovery:///appName,
// round robin over its ready instances; or direct:///host:port,host:port. It
// does not wait for a connection. The connection belongs to the dialer.
func (d *Dialer) Dial(target string) (*grpc.ClientConn, error) { return nil, nil }

// To returns the connection to one instance by name, such as chat-1, wherever it
// runs. It belongs to the dialer.
func (d *Dialer) To(instance string) (*grpc.ClientConn, error) { return nil, nil }

// Each calls f once for every ready instance of the service, concurrently, and
// returns the errors joined, each naming its instance. No instance is no error.
func (d *Dialer) Each(ctx context.Context, appName string, f func(ctx context.Context, i registry.Instance, c *grpc.ClientConn) error) error {
	return nil
}

// Options returns what the dialer dials with: credentials, interceptors and
// resolvers, for connections of one's own.
func (d *Dialer) Options() []grpc.DialOption { return nil }

// Close closes all connections.
func (d *Dialer) Close() error { return nil }
