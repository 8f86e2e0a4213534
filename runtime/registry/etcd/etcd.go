// Package etcd is the registry that production uses: instances live in etcd
// under a lease each, and every watcher of a process shares one watch.
//
// Keys: /hawos/<namespace>/services/<app>/<instance> and
// /hawos/<namespace>/protocols/<app>/<instance>[/<part>].
package etcd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"
	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/registry"
)

const (
	defaultTTL  = 10 * time.Second
	defaultDial = 5 * time.Second
	retryAfter  = 500 * time.Millisecond // between attempts while etcd is away
	// maxRetryAfter keeps the client's own backoff, two minutes by default, far
	// below the TTL of a lease.
	maxRetryAfter = 2 * time.Second
)

// Registry implements registry.Registry. Open makes one.
type Registry struct {
	registry.Watchers
	client *clientv3.Client
	keys   keys
	ttl    time.Duration
	log    *slog.Logger

	ctx    context.Context // ends at Close; the life of the goroutines below
	cancel context.CancelFunc
	loops  sync.WaitGroup

	start    sync.Mutex // held while the first watch loads the snapshot
	started  bool
	badValue atomic.Uint64
}

// Open connects to the servers of c.Etcd and returns when one answers. The
// caller closes the registry.
func Open(ctx context.Context, c config.Config, log *slog.Logger) (registry.Registry, error) {
	r, err := open(ctx, c, log)
	if err != nil {
		return nil, err
	}
	return r, nil
}

func open(ctx context.Context, c config.Config, log *slog.Logger) (*Registry, error) {
	if len(c.Etcd.Endpoints) == 0 {
		return nil, errors.New("etcd.endpoints is empty: name your servers in config/common.yaml, or start the project with hawosgen up")
	}
	tls, err := c.Etcd.TLS.Client()
	if err != nil {
		return nil, fmt.Errorf("etcd.tls: %w", err)
	}
	client, err := clientv3.New(clientv3.Config{
		Endpoints: c.Etcd.Endpoints, Username: c.Etcd.Username, Password: c.Etcd.Password, TLS: tls,
		DialTimeout:          orDefault(c.Etcd.DialTimeout, defaultDial),
		DialKeepAliveTime:    10 * time.Second,
		DialKeepAliveTimeout: 5 * time.Second,
		DialOptions: []grpc.DialOption{grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: retryAfter, Multiplier: 1.6, Jitter: 0.2, MaxDelay: maxRetryAfter},
			MinConnectTimeout: maxRetryAfter,
		})},
		Logger: zap.NewNop(), // it logs what the calls return anyway
	})
	if err != nil {
		return nil, fmt.Errorf("dial etcd %q: %w", strings.Join(c.Etcd.Endpoints, ","), err)
	}
	r := &Registry{client: client, keys: newKeys(c.Namespace), ttl: orDefault(c.Etcd.TTL, defaultTTL), log: log}
	r.ctx, r.cancel = context.WithCancel(context.Background())
	dial, cancel := context.WithTimeout(ctx, orDefault(c.Etcd.DialTimeout, defaultDial))
	defer cancel()
	if _, err := client.Get(dial, r.keys.root, clientv3.WithCountOnly(), clientv3.WithLimit(1)); err != nil {
		client.Close()
		return nil, fmt.Errorf("reach etcd %q (with a wrong or missing certificate it does not answer either): %w", strings.Join(c.Etcd.Endpoints, ","), err)
	}
	return r, nil
}

func orDefault(d, otherwise time.Duration) time.Duration {
	if d > 0 {
		return d
	}
	return otherwise
}

// BadValues returns how many values of etcd could not be read so far.
func (r *Registry) BadValues() uint64 { return r.badValue.Load() }

// Close implements registry.Registry.
func (r *Registry) Close() error {
	r.cancel()
	r.loops.Wait()
	r.CloseWatchers()
	if err := r.client.Close(); err != nil && !errors.Is(err, context.Canceled) {
		return fmt.Errorf("close etcd: %w", err)
	}
	return nil
}

// pause waits for d, or less when ctx ends, and reports whether ctx goes on.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
