// Package selector answers, for a protocol ID, which rpc it is and which
// instance takes the next request. It holds one immutable Table, built from the
// registry's snapshots over the defaults that hawosgen generated, and swaps it
// atomically: readers never wait.
package selector

import (
	"context"
	"log/slog"

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
type Selector struct{}

// New returns a selector that already has the registry's first snapshot. Close
// ends it.
func New(ctx context.Context, r registry.Registry, o Options) (*Selector, error) {
	return &Selector{}, nil
}

// Table returns the current table.
func (s *Selector) Table() *Table { return nil }

// Watch calls f with the current table before it returns, and with each later
// one, never two calls at once. stop waits for the last call.
func (s *Selector) Watch(f func(*Table)) (stop func()) { return func() {} }

// Close stops following the registry.
func (s *Selector) Close() {}

// Table is one state of the routing. It is immutable.
type Table struct{}

// Lookup returns the route of a protocol ID, without allocating; false where
// neither a live instance nor the generated table knows it.
func (t *Table) Lookup(id uint32) (*Route, bool) { return nil, false }

// Instances returns all instances that answer protocol IDs, sorted by ID. It must
// not be changed.
func (t *Table) Instances() []*Instance { return nil }

// Route is one protocol ID.
type Route struct {
	route.Entry
}

// Instance is one live instance.
type Instance struct {
	registry.Instance
}
