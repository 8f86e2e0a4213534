// Package memory is a directory.Directory within one process, for unit tests.
// Start from New.
package memory

import (
	"context"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/directory"
)

// Directory is a directory.Directory. Closing it does nothing.
type Directory struct {
	mu     sync.RWMutex
	places map[string]directory.Place
	groups map[string]map[run]bool
}

// run is one frontend's run.
type run struct{ frontend, epoch string }

// New returns an empty directory.
func New() *Directory {
	return &Directory{places: map[string]directory.Place{}, groups: map[string]map[run]bool{}}
}

// Open returns New's directory in the shape that app.Drivers wants.
func Open(context.Context, config.Config, *slog.Logger) (directory.Directory, error) {
	return New(), nil
}

// Set implements directory.Directory.
func (d *Directory) Set(_ context.Context, uid string, p directory.Place) (directory.Place, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	old, ok := d.places[uid]
	d.places[uid] = p
	return old, ok, nil
}

// SetNew implements directory.Directory.
func (d *Directory) SetNew(_ context.Context, uid string, p directory.Place) (directory.Place, bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if old, ok := d.places[uid]; ok && old.Session != p.Session {
		return old, false, nil
	}
	d.places[uid] = p
	return p, true, nil
}

// Delete implements directory.Directory.
func (d *Directory) Delete(_ context.Context, uid, session string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.places[uid].Session == session {
		delete(d.places, uid)
	}
	return nil
}

// Lookup implements directory.Directory.
func (d *Directory) Lookup(_ context.Context, uids []string) ([]directory.Place, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	places := make([]directory.Place, len(uids))
	for i, uid := range uids {
		places[i] = d.places[uid]
	}
	return places, nil
}

// Join implements directory.Directory.
func (d *Directory) Join(_ context.Context, frontend, epoch string, groups ...string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, g := range groups {
		if d.groups[g] == nil {
			d.groups[g] = map[run]bool{}
		}
		d.groups[g][run{frontend, epoch}] = true
	}
	return nil
}

// Leave implements directory.Directory.
func (d *Directory) Leave(_ context.Context, frontend, epoch string, groups ...string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, g := range groups {
		delete(d.groups[g], run{frontend, epoch})
		if len(d.groups[g]) == 0 {
			delete(d.groups, g)
		}
	}
	return nil
}

// Frontends implements directory.Directory.
func (d *Directory) Frontends(_ context.Context, groups []string) ([][]directory.Place, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	lists := make([][]directory.Place, len(groups))
	for i, g := range groups {
		for r := range d.groups[g] {
			lists[i] = append(lists[i], directory.Place{Frontend: r.frontend, Epoch: r.epoch})
		}
		slices.SortFunc(lists[i], func(a, b directory.Place) int {
			return strings.Compare(a.Frontend+a.Epoch, b.Frontend+b.Epoch)
		})
	}
	return lists, nil
}

// Close implements directory.Directory.
func (d *Directory) Close() error { return nil }
