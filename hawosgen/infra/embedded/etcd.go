package embedded

import (
	"errors"
	"fmt"
	"net/url"
	"time"

	"go.etcd.io/etcd/server/v3/embed"
	"go.uber.org/zap"
)

// etcdReady bounds the wait for an etcd that elects itself: a second or less, on a slow disk a few.
const etcdReady = time.Minute

// Etcd starts a real etcd of one member in this process and waits until it serves. Leases may be as short as 1 s.
func Etcd(o Options) (*Server, error) {
	if o.Dir == "" {
		return nil, errors.New("start etcd: no data directory")
	}
	e, err := embed.StartEtcd(etcdConfig(o))
	if err != nil {
		return nil, fmt.Errorf("start etcd at %s in %q: %w", o.hostPort(), o.Dir, err)
	}
	select {
	case <-e.Server.ReadyNotify():
	case err := <-e.Err():
		e.Close()
		return nil, fmt.Errorf("start etcd in %q: %w", o.Dir, err)
	case <-time.After(etcdReady):
		e.Close()
		return nil, fmt.Errorf("start etcd in %q: not ready after %s", o.Dir, etcdReady)
	}
	return &Server{
		name:  "etcd",
		addr:  e.Clients[0].Addr().String(),
		close: func() error { e.Close(); return nil },
	}, nil
}

func etcdConfig(o Options) *embed.Config {
	c := embed.NewConfig()
	c.Dir = o.Dir
	client := url.URL{Scheme: "http", Host: o.hostPort()}
	peer := url.URL{Scheme: "http", Host: Options{}.hostPort()}
	c.ListenClientUrls, c.AdvertiseClientUrls = []url.URL{client}, []url.URL{client}
	c.ListenPeerUrls, c.AdvertisePeerUrls = []url.URL{peer}, []url.URL{peer}
	c.InitialCluster = c.InitialClusterFromName(c.Name)
	// The shortest lease follows from the election timeout: 500 ms allow 1 s.
	c.TickMs, c.ElectionMs = 50, 500
	c.UnsafeNoFsync = !o.Durable
	c.AutoCompactionMode, c.AutoCompactionRetention = embed.CompactorModeRevision, "10000"
	c.ZapLoggerBuilder = embed.NewZapLoggerBuilder(zap.NewNop())
	return c
}
