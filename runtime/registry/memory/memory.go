// Package memory is a registry within one process, for unit tests and for
// systems that run in one. It has no leases: an instance stays until its
// registration or the registry is closed.
package memory

import (
	"context"
	"fmt"
	"sync"

	"github.com/hawos/hawos/runtime/registry"
)

// Registry implements registry.Registry.
type Registry struct {
	registry.Watchers
	mu        sync.Mutex
	instances map[string]held // by instance name
	last      uint64
}

type held struct {
	registry.Instance
	holder uint64 // which registration
}

// New returns an empty registry.
func New() *Registry {
	return &Registry{instances: map[string]held{}}
}

// Register implements registry.Registry. A name that is taken is refused at
// once, for its holder is alive.
func (r *Registry) Register(_ context.Context, i registry.Instance) (registry.Registration, error) {
	if err := i.Check(); err != nil {
		return nil, fmt.Errorf("register %q: %w", i.ID, err)
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.instances == nil {
		return nil, registry.ErrClosed
	}
	if h, ok := r.instances[i.ID]; ok && h.Address != i.Address {
		return nil, fmt.Errorf("register %q at %s: %w by %s", i.ID, i.Address, registry.ErrTaken, h.Address)
	}
	r.last++
	r.instances[i.ID] = held{Instance: i, holder: r.last}
	r.publish()
	return &registration{r: r, id: i.ID, holder: r.last}, nil
}

func (r *Registry) publish() {
	all := make([]registry.Instance, 0, len(r.instances))
	for _, h := range r.instances {
		all = append(all, h.Instance)
	}
	r.Publish(all)
}

// Close implements registry.Registry.
func (r *Registry) Close() error {
	r.mu.Lock()
	r.instances = nil
	r.mu.Unlock()
	r.CloseWatchers()
	return nil
}

type registration struct {
	r      *Registry
	id     string
	holder uint64
}

// Update implements registry.Registration.
func (g *registration) Update(_ context.Context, i registry.Instance) error {
	if err := i.Check(); err != nil {
		return fmt.Errorf("update %q: %w", g.id, err)
	}
	g.r.mu.Lock()
	defer g.r.mu.Unlock()
	if g.r.instances[g.id].holder != g.holder || i.ID != g.id {
		return fmt.Errorf("update %q: it is not registered by this registration", g.id)
	}
	g.r.instances[g.id] = held{Instance: i, holder: g.holder}
	g.r.publish()
	return nil
}

// Close implements registry.Registration.
func (g *registration) Close(context.Context) error {
	g.r.mu.Lock()
	defer g.r.mu.Unlock()
	if g.r.instances[g.id].holder == g.holder {
		delete(g.r.instances, g.id)
		g.r.publish()
	}
	return nil
}
