package selector

import (
	"slices"
	"sync/atomic"

	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/route"
)

// Table is one state of the routing. It is immutable.
type Table struct {
	routes    map[uint32]*Route // shared with the table before where no claim changed
	groups    []group
	instances []*Instance
}

// Route is one protocol ID. It is immutable, and belongs to the table that it
// came from.
type Route struct {
	route.Entry
	group int // index in Table.groups; noGroup where nobody answers the ID
}

const noGroup = -1

// group is the instances that answer a set of protocol IDs.
type group struct {
	ready []*Instance    // those that take new requests, by Index
	turn  *atomic.Uint32 // of the round robin; outlives the table
}

// Instance is one live instance.
type Instance struct {
	registry.Instance
	Index int // its place in Table.Instances
	hash  uint64
}

// Lookup returns the route of a protocol ID, without allocating; false where
// neither a live instance nor the generated table knows it.
func (t *Table) Lookup(id uint32) (*Route, bool) {
	r, ok := t.routes[id]
	return r, ok
}

// Instances returns all instances that answer protocol IDs, also those that
// drain, sorted by ID. It must not be changed.
func (t *Table) Instances() []*Instance { return t.instances }

// Usable narrows a pick down to the instances that can be reached.
type Usable interface {
	// Usable reports whether the instance at the index of Table.Instances may be
	// picked.
	Usable(index int) bool
}

// Pick returns the instance that takes the next request of r, which must come
// from t: by turns, or the one that ranks highest for the key where the balance
// is SESSION, so that all frontends agree. It returns nil where no ready instance
// is usable. It does not allocate.
func (t *Table) Pick(r *Route, key uint64, u Usable) *Instance {
	if r.group == noGroup {
		return nil
	}
	g := &t.groups[r.group]
	if r.Balance == route.BalanceSession {
		return g.highest(key, u)
	}
	return g.next(u)
}

// Answers reports whether the instance is one of those that answer r, which must
// come from t, and take new requests.
func (t *Table) Answers(r *Route, index int) bool {
	if r.group == noGroup {
		return false
	}
	_, ok := slices.BinarySearchFunc(t.groups[r.group].ready, index, func(i *Instance, n int) int { return i.Index - n })
	return ok
}

func (g *group) next(u Usable) *Instance {
	n := uint32(len(g.ready))
	if n == 0 {
		return nil
	}
	turn := g.turn.Add(1)
	for k := range n {
		if i := g.ready[(turn+k)%n]; u.Usable(i.Index) {
			return i
		}
	}
	return nil
}

// highest is rendezvous hashing (Thaler and Ravishankar, 1996).
func (g *group) highest(key uint64, u Usable) *Instance {
	var best *Instance
	var rank uint64
	for _, i := range g.ready {
		if r := mix(key ^ i.hash); (best == nil || r > rank) && u.Usable(i.Index) {
			best, rank = i, r
		}
	}
	return best
}

// Key returns the key by which balance SESSION spreads: of the uid, or of the
// session where nobody is logged in. It is the same in every process.
func Key(s string) uint64 { // FNV-1a
	h := uint64(14695981039346656037)
	for i := range len(s) {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}

// mix spreads the bits of h: the finalizer of SplitMix64.
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
