package etcd

import (
	"context"
	"fmt"

	clientv3 "go.etcd.io/etcd/client/v3"

	"github.com/hawos/hawos/runtime/registry"
)

// Watch implements registry.Registry. The first one loads the snapshot; all
// share what one watch of etcd reports from then on.
func (r *Registry) Watch(ctx context.Context, f func([]registry.Instance)) (stop func(), err error) {
	if err := r.follow(ctx); err != nil {
		return nil, err
	}
	return r.Watchers.Watch(ctx, f)
}

func (r *Registry) follow(ctx context.Context) error {
	r.start.Lock()
	defer r.start.Unlock()
	if r.started {
		return nil
	}
	if r.ctx.Err() != nil {
		return registry.ErrClosed
	}
	v, revision, err := r.load(ctx)
	if err != nil {
		return err
	}
	r.started = true
	r.loops.Go(func() { r.run(v, revision) })
	return nil
}

// load reads the whole namespace and publishes it.
func (r *Registry) load(ctx context.Context) (*view, int64, error) {
	res, err := r.client.Get(ctx, r.keys.root, clientv3.WithPrefix())
	if err != nil {
		return nil, 0, fmt.Errorf("read the instances in %s: %w", r.keys.root, err)
	}
	v := newView(r.keys)
	for _, kv := range res.Kvs {
		r.note(v.put(string(kv.Key), kv.Value))
	}
	r.Publish(v.instances())
	return v, res.Header.Revision, nil
}

// run watches from after the revision. Where the watch breaks in a way that the
// client does not mend (etcd has compacted what was missed), it loads anew.
func (r *Registry) run(v *view, revision int64) {
	for r.ctx.Err() == nil {
		r.watchFrom(v, revision+1)
		for pause(r.ctx, retryAfter) {
			var err error
			if v, revision, err = r.load(r.ctx); err == nil {
				break
			}
			r.log.Warn("etcd is away; the last snapshot holds", "error", err)
		}
	}
}

func (r *Registry) watchFrom(v *view, revision int64) {
	ctx, cancel := context.WithCancel(clientv3.WithRequireLeader(r.ctx))
	defer cancel()
	for res := range r.client.Watch(ctx, r.keys.root, clientv3.WithPrefix(), clientv3.WithRev(revision)) {
		if err := res.Err(); err != nil {
			if r.ctx.Err() == nil {
				r.log.Warn("watch of etcd broke; reading anew", "error", err)
			}
			return
		}
		for _, e := range res.Events {
			if e.Type == clientv3.EventTypeDelete {
				v.delete(string(e.Kv.Key))
			} else {
				r.note(v.put(string(e.Kv.Key), e.Kv.Value))
			}
		}
		if len(res.Events) > 0 {
			r.Publish(v.instances())
		}
	}
}

// note counts and logs a value that cannot be read: one bad value must not hide
// the others.
func (r *Registry) note(err error) {
	if err != nil {
		r.badValue.Add(1)
		r.log.Error("value in etcd cannot be read, skipped", "error", err)
	}
}
