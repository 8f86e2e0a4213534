// Package selector answers, for a protocol ID, which rpc it is and which
// instance takes the next request. It holds one immutable Table, built from the
// registry's snapshots over the defaults that hawosgen generated, and swaps it
// atomically: readers never wait. Where two services claim one ID, the one that
// started earlier keeps it.
package selector

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/route"
)

// Options of a selector.
type Options struct {
	// Table gives names and defaults for protocol IDs that no live instance
	// answers. The zero table knows none.
	Table   route.Table
	Log     *slog.Logger          // nil: slog.Default
	Metrics prometheus.Registerer // nil: none
}

// Selector follows a registry. All methods may be called concurrently.
type Selector struct {
	table atomic.Pointer[Table]
	stop  func() // ends the registry's watch

	mu       sync.Mutex // held while tables are built and handed to watchers
	builder  *builder
	watchers []*watcher
}

type watcher struct{ f func(*Table) }

// New returns a selector that already has the registry's first snapshot. ctx
// bounds only the wait for it. Close ends the selector.
func New(ctx context.Context, r registry.Registry, o Options) (*Selector, error) {
	if o.Log == nil {
		o.Log = slog.Default()
	}
	b, err := newBuilder(o)
	if err != nil {
		return nil, err
	}
	s := &Selector{builder: b}
	stop, err := r.Watch(context.WithoutCancel(ctx), s.swap)
	if err != nil {
		return nil, fmt.Errorf("watch the registry for routes: %w", err)
	}
	s.stop = stop
	return s, nil
}

func (s *Selector) swap(snapshot []registry.Instance) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.builder.build(snapshot)
	s.table.Store(t)
	for _, w := range s.watchers {
		w.f(t)
	}
}

// Table returns the current table.
func (s *Selector) Table() *Table { return s.table.Load() }

// Watch calls f with the current table before it returns, and with each later
// one, never two calls at once. stop waits for the last call; f must not call
// it.
func (s *Selector) Watch(f func(*Table)) (stop func()) {
	w := &watcher{f: f}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.watchers = append(s.watchers, w)
	f(s.table.Load())
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.watchers = slices.DeleteFunc(s.watchers, func(o *watcher) bool { return o == w })
	}
}

// Close stops following the registry. The last table stays.
func (s *Selector) Close() { s.stop() }
