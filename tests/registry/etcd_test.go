// Package registry_test holds the contract of the registry against etcd: the
// embedded server, which is the real one, or the one at ETCD_ADDR.
package registry_test

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/hawos/hawos/hawosgen/infra/embedded"
	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/registry/etcd"
	"github.com/hawos/hawos/runtime/registry/registrytest"
)

// wait bounds what must happen; it is no measure of speed.
const wait = 20 * time.Second

var address string

func TestMain(m *testing.M) {
	os.Exit(func() int {
		if address = os.Getenv("ETCD_ADDR"); address != "" {
			return m.Run()
		}
		dir, err := os.MkdirTemp("", "hawos-etcd")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer os.RemoveAll(dir)
		s, err := embedded.Etcd(embedded.Options{Dir: dir})
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer s.Close()
		address = s.Addr()
		return m.Run()
	}())
}

var namespaces atomic.Int64

func newNamespace() string {
	return fmt.Sprintf("t%d-%d", time.Now().UnixNano(), namespaces.Add(1))
}

func open(t *testing.T, namespace, endpoint string) registry.Registry {
	t.Helper()
	return openTTL(t, namespace, endpoint, 2*time.Second)
}

func openTTL(t *testing.T, namespace, endpoint string, ttl time.Duration) registry.Registry {
	t.Helper()
	c := config.Config{Namespace: namespace, Etcd: config.Etcd{Endpoints: []string{endpoint}, TTL: ttl, DialTimeout: wait}}
	r, err := etcd.Open(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatalf("open: %v", err)
	}
	t.Cleanup(func() { r.Close() })
	return r
}

func client(t *testing.T) *clientv3.Client {
	t.Helper()
	c, err := clientv3.New(clientv3.Config{Endpoints: []string{address}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

func TestContract(t *testing.T) {
	registrytest.Run(t, func(*testing.T) registrytest.Opener {
		ns := newNamespace()
		return func(t *testing.T) registry.Registry { return open(t, ns, address) }
	})
}

// see waits until a snapshot of r satisfies want.
func see(t *testing.T, r registry.Registry, what string, want func([]registry.Instance) bool) {
	t.Helper()
	found := make(chan struct{}, 1)
	stop, err := r.Watch(t.Context(), func(all []registry.Instance) {
		if want(all) {
			select {
			case found <- struct{}{}:
			default:
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	select {
	case <-found:
	case <-time.After(wait):
		t.Fatalf("no snapshot in which %s", what)
	}
}

func only(id string) func([]registry.Instance) bool {
	return func(all []registry.Instance) bool { return len(all) == 1 && all[0].ID == id }
}

func TestLostLeaseIsRegisteredAgain(t *testing.T) {
	ns, ctx := newNamespace(), t.Context()
	r := open(t, ns, address)
	g, err := r.Register(ctx, registrytest.Instance("chat", "1", "127.0.0.1:1", 101))
	if err != nil {
		t.Fatal(err)
	}
	key := "/hawos/" + ns + "/services/chat/chat-1"
	c := client(t)
	before, err := c.Get(ctx, key)
	if err != nil || len(before.Kvs) != 1 {
		t.Fatalf("get: %v %v", before, err)
	}
	if _, err := c.Revoke(ctx, clientv3.LeaseID(before.Kvs[0].Lease)); err != nil {
		t.Fatal(err)
	}
	see(t, open(t, ns, address), "chat-1 is back with its ID", func(all []registry.Instance) bool {
		return len(all) == 1 && len(all[0].Entries) == 1
	})
	if err := g.Close(ctx); err != nil {
		t.Fatal(err)
	}
	after, err := c.Get(ctx, "/hawos/"+ns+"/", clientv3.WithPrefix())
	if err != nil || len(after.Kvs) != 0 {
		t.Fatalf("after close: %v %v", after.Kvs, err)
	}
}

func TestBadValueHidesNoOther(t *testing.T) {
	ns, ctx := newNamespace(), t.Context()
	c := client(t)
	for key, value := range map[string]string{
		"services/chat/chat-9":      "{not JSON",
		"services/chat/chat-8":      `{"app":"rank","id":"rank-8","address":"127.0.0.1:1"}`,
		"services/chat/chat-7":      `{"app":"chat","id":"chat-7","address":"0.0.0.0:1"}`,
		"protocols/chat/chat-9":     "[1, 2",
		"protocols/chat/x/y/z":      "[]",
		"somebody/elses":            "?",
		"services/chatroom/chat-10": "null",
	} {
		if _, err := c.Put(ctx, "/hawos/"+ns+"/"+key, value); err != nil {
			t.Fatal(err)
		}
	}
	r := open(t, ns, address)
	if _, err := r.Register(ctx, registrytest.Instance("chat", "1", "127.0.0.1:1", 101)); err != nil {
		t.Fatal(err)
	}
	see(t, r, "chat-1 is there alone", only("chat-1"))
	if got := r.(*etcd.Registry).BadValues(); got != 5 {
		t.Errorf("bad values: got %d, want 5", got)
	}
}

func TestNameIsFreeWhenTheHoldersLeaseHasEnded(t *testing.T) {
	ns, ctx := newNamespace(), t.Context()
	c := client(t)
	lease, err := c.Grant(ctx, 1)
	if err != nil {
		t.Fatal(err)
	}
	// What a holder leaves that was killed: a key that nobody renews.
	_, err = c.Put(ctx, "/hawos/"+ns+"/services/chat/chat-1", `{"app":"chat","id":"chat-1","address":"127.0.0.1:9"}`, clientv3.WithLease(lease.ID))
	if err != nil {
		t.Fatal(err)
	}
	r := open(t, ns, address)
	if _, err := r.Register(ctx, registrytest.Instance("chat", "1", "127.0.0.1:1", 101)); err != nil {
		t.Fatalf("register after the holder's death: %v", err)
	}
}

func TestTakenNamesTheHolder(t *testing.T) {
	ns := newNamespace()
	if _, err := open(t, ns, address).Register(t.Context(), registrytest.Instance("chat", "1", "127.0.0.1:1")); err != nil {
		t.Fatal(err)
	}
	_, err := open(t, ns, address).Register(t.Context(), registrytest.Instance("chat", "1", "127.0.0.1:2"))
	if err == nil || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Fatalf("got %v, want an error that names 127.0.0.1:1", err)
	}
}

func TestLastSnapshotHoldsWhileEtcdIsAway(t *testing.T) {
	dir := t.TempDir()
	s, err := embedded.Etcd(embedded.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() }) // after its clients, for which it would wait
	ns := newNamespace()
	// An etcd that stops is in no hurry: the lease must outlive its last seconds.
	r := openTTL(t, ns, s.Addr(), time.Minute)
	if _, err := r.Register(t.Context(), registrytest.Instance("chat", "1", "127.0.0.1:1", 101)); err != nil {
		t.Fatal(err)
	}
	see(t, r, "chat-1 is there", only("chat-1"))
	port := portOf(t, s.Addr())
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	see(t, r, "chat-1 is there without etcd", only("chat-1"))

	s, err = embedded.Etcd(embedded.Options{Dir: dir, Port: port})
	if err != nil {
		t.Fatal(err)
	}
	other := open(t, ns, s.Addr())
	if _, err := other.Register(t.Context(), registrytest.Instance("chat", "2", "127.0.0.1:2", 101)); err != nil {
		t.Fatal(err)
	}
	see(t, r, "chat-2 joined chat-1 once etcd was back", func(all []registry.Instance) bool { return len(all) == 2 })
}

func TestUnreachableEtcdIsNamed(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), wait)
	defer cancel()
	c := config.Config{Namespace: "x", Etcd: config.Etcd{Endpoints: []string{"127.0.0.1:1"}, DialTimeout: 300 * time.Millisecond}}
	_, err := etcd.Open(ctx, c, slog.New(slog.DiscardHandler))
	if err == nil || !strings.Contains(err.Error(), "127.0.0.1:1") {
		t.Fatalf("got %v, want an error that names the endpoint", err)
	}
}
