package etcd

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/hawos/hawos/runtime/registry"
)

// registration keeps one instance in etcd.
type registration struct {
	r      *Registry
	cancel context.CancelFunc
	done   chan struct{} // closed when keep has ended

	mu       sync.Mutex // guards the rest, and the order of writes to etcd
	instance registry.Instance
	lease    clientv3.LeaseID
	closed   bool
}

// Register implements registry.Registry.
func (r *Registry) Register(ctx context.Context, i registry.Instance) (registry.Registration, error) {
	if err := i.Check(); err != nil {
		return nil, fmt.Errorf("register %q: %w", i.ID, err)
	}
	if r.ctx.Err() != nil {
		return nil, registry.ErrClosed
	}
	g := &registration{r: r, instance: i, done: make(chan struct{})}
	if err := g.claim(ctx); err != nil {
		return nil, err
	}
	keepCtx, cancel := context.WithCancel(r.ctx)
	g.cancel = cancel
	r.loops.Go(func() { g.keep(keepCtx) })
	return g, nil
}

// claim publishes the instance under a new lease. Where another address holds
// the name it waits one TTL: a crashed holder's lease has ended then.
func (g *registration) claim(ctx context.Context) error {
	err := g.publish(ctx)
	if !errors.Is(err, registry.ErrTaken) {
		return err
	}
	g.r.log.Warn("instance name is taken; waiting for its lease to end", "instance", g.instance.ID, "wait", g.r.ttl, "error", err)
	deadline := time.Now().Add(g.r.ttl + time.Second) // etcd revokes leases up to a second late
	for errors.Is(err, registry.ErrTaken) && time.Now().Before(deadline) && pause(ctx, retryAfter) {
		err = g.publish(ctx)
	}
	return err
}

// publish takes a lease and writes all keys under it. The service key comes
// first, in a transaction: only who gets it may write the others.
func (g *registration) publish(ctx context.Context) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := g.instance
	pairs, err := g.r.keys.pairs(i)
	if err != nil {
		return err
	}
	lease, err := g.r.client.Grant(ctx, int64(g.r.ttl/time.Second))
	if err != nil {
		return fmt.Errorf("register %q: take a lease of %s: %w", i.ID, g.r.ttl, err)
	}
	if err := g.take(ctx, pairs[0], lease.ID); err != nil {
		_, _ = g.r.client.Revoke(ctx, lease.ID) // it ends by itself
		return err
	}
	g.lease = lease.ID
	return g.write(ctx, pairs[1:])
}

// take writes the service key where it is absent or names the same address.
func (g *registration) take(ctx context.Context, p pair, lease clientv3.LeaseID) error {
	for {
		res, err := g.r.client.Get(ctx, p.key)
		if err != nil {
			return fmt.Errorf("register %q: %w", g.instance.ID, err)
		}
		var revision int64
		if len(res.Kvs) > 0 {
			revision = res.Kvs[0].ModRevision
			var holder registry.Instance
			if json.Unmarshal(res.Kvs[0].Value, &holder) == nil && holder.Address != g.instance.Address {
				return fmt.Errorf("register %q at %s: %w by %s, started %s", g.instance.ID, g.instance.Address,
					registry.ErrTaken, holder.Address, holder.Started.Format(time.RFC3339))
			}
		}
		txn, err := g.r.client.Txn(ctx).
			If(clientv3.Compare(clientv3.ModRevision(p.key), "=", revision)).
			Then(clientv3.OpPut(p.key, p.value, clientv3.WithLease(lease))).
			Commit()
		if err != nil {
			return fmt.Errorf("register %q: %w", g.instance.ID, err)
		}
		if txn.Succeeded {
			return nil
		}
	}
}

// write puts the pairs of protocol IDs and removes parts that an earlier, longer
// list left.
func (g *registration) write(ctx context.Context, pairs []pair) error {
	written := map[string]bool{}
	for _, p := range pairs {
		if _, err := g.r.client.Put(ctx, p.key, p.value, clientv3.WithLease(g.lease)); err != nil {
			return fmt.Errorf("register the protocol IDs of %q: %w", g.instance.ID, err)
		}
		written[p.key] = true
	}
	base := g.r.keys.protocols(g.instance)
	var old []string
	for _, get := range []clientv3.Op{clientv3.OpGet(base, clientv3.WithKeysOnly()), clientv3.OpGet(base+"/", clientv3.WithPrefix(), clientv3.WithKeysOnly())} {
		res, err := g.r.client.Do(ctx, get)
		if err != nil {
			return fmt.Errorf("register the protocol IDs of %q: %w", g.instance.ID, err)
		}
		for _, kv := range res.Get().Kvs {
			if !written[string(kv.Key)] {
				old = append(old, string(kv.Key))
			}
		}
	}
	for _, key := range old {
		if _, err := g.r.client.Delete(ctx, key); err != nil {
			return fmt.Errorf("remove the old protocol IDs of %q: %w", g.instance.ID, err)
		}
	}
	return nil
}

// keep renews the lease, and registers again when it was lost.
func (g *registration) keep(ctx context.Context) {
	defer close(g.done)
	for ctx.Err() == nil {
		g.mu.Lock()
		lease := g.lease
		g.mu.Unlock()
		if alive, err := g.r.client.KeepAlive(ctx, lease); err == nil {
			for range alive { // ends when the lease is lost, or with ctx
			}
		}
		if ctx.Err() != nil {
			return
		}
		g.r.log.Warn("lease in etcd was lost; registering again", "instance", g.instance.ID)
		for {
			err := g.publish(ctx)
			if err == nil {
				g.r.log.Info("registered again", "instance", g.instance.ID)
				break
			}
			g.r.log.Error("cannot register again yet", "instance", g.instance.ID, "error", err)
			if !pause(ctx, retryAfter) {
				return
			}
		}
	}
}

// Update implements registry.Registration.
func (g *registration) Update(ctx context.Context, i registry.Instance) error {
	if err := i.Check(); err != nil {
		return fmt.Errorf("update %q: %w", i.ID, err)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed || i.ID != g.instance.ID {
		return fmt.Errorf("update %q: it is not registered by this registration", i.ID)
	}
	pairs, err := g.r.keys.pairs(i)
	if err != nil {
		return err
	}
	g.instance = i
	if _, err := g.r.client.Put(ctx, pairs[0].key, pairs[0].value, clientv3.WithLease(g.lease)); err != nil {
		return fmt.Errorf("update %q: %w", i.ID, err)
	}
	return g.write(ctx, pairs[1:])
}

// Close implements registry.Registration: it removes the keys with their lease.
func (g *registration) Close(ctx context.Context) error {
	g.cancel()
	<-g.done
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.closed {
		return nil
	}
	g.closed = true
	if _, err := g.r.client.Revoke(ctx, g.lease); err != nil {
		return fmt.Errorf("deregister %q: %w", g.instance.ID, err)
	}
	return nil
}
