package selector

import (
	"cmp"
	"slices"
	"sync/atomic"
	"time"

	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/route"
)

// builder makes a table of each snapshot. What did not change is taken from the
// table before: where the same services claim the same IDs, as when an instance
// comes, goes or drains, only the instances are listed anew.
type builder struct {
	defaults  []route.Entry
	turns     map[string]*atomic.Uint32 // by appName
	sets      []*claims                 // of the snapshot before, in order of claim
	known     map[list]*claims          // by the lists of the snapshot before
	round     uint64                    // how many snapshots came
	routes    map[uint32]*Route
	shapes    [][]int // per group, the indexes in sets of those that answer
	conflicts *conflicts
}

// claims is a set of protocol IDs that some instances of one service answer.
type claims struct {
	app     string
	entries []route.Entry
	since   time.Time // when the first of the instances started
	members []*Instance
	round   uint64 // of the last snapshot that has the set
}

// list is a slice of entries by identity: registries share them from snapshot to
// snapshot, and never change them.
type list struct {
	first *route.Entry
	n     int
}

func newBuilder(o Options) (*builder, error) {
	c, err := newConflicts(o)
	if err != nil {
		return nil, err
	}
	return &builder{defaults: o.Table.Entries, turns: map[string]*atomic.Uint32{}, conflicts: c}, nil
}

// build returns the table of a snapshot.
func (b *builder) build(snapshot []registry.Instance) *Table {
	t := &Table{}
	sets := b.collect(snapshot, t)
	if b.routes == nil || !slices.Equal(sets, b.sets) {
		b.claim(sets)
	}
	b.sets = sets
	t.routes = b.routes
	t.groups = make([]group, len(b.shapes))
	for n, shape := range b.shapes {
		t.groups[n] = b.group(sets, shape)
	}
	b.conflicts.swapped(t)
	return t
}

// collect lists the instances that answer protocol IDs, and the distinct sets
// that they claim, the earlier first. Sets keep their identity from snapshot to
// snapshot.
func (b *builder) collect(snapshot []registry.Instance, t *Table) []*claims {
	known := make(map[list]*claims, len(snapshot))
	byApp := map[string][]*claims{}
	var all []*claims
	b.round++
	for _, i := range snapshot {
		if len(i.Entries) == 0 {
			continue
		}
		one := &Instance{Instance: i, Index: len(t.instances), hash: Key(i.ID)}
		t.instances = append(t.instances, one)
		set := b.set(i, byApp[i.App])
		if set.round != b.round {
			set.members, set.since, set.round = nil, i.Started, b.round
			byApp[i.App] = append(byApp[i.App], set)
			all = append(all, set)
		}
		known[list{&i.Entries[0], len(i.Entries)}] = set
		set.members = append(set.members, one)
		if i.Started.Before(set.since) {
			set.since = i.Started
		}
	}
	b.known = known
	slices.SortFunc(all, func(x, y *claims) int {
		return cmp.Or(x.since.Compare(y.since), cmp.Compare(x.app, y.app), cmp.Compare(x.members[0].ID, y.members[0].ID))
	})
	return all
}

// set returns what i claims: a set of the snapshot before, or one of this
// snapshot, or a new one. Entries are compared only where the list is new.
func (b *builder) set(i registry.Instance, now []*claims) *claims {
	if c := b.known[list{&i.Entries[0], len(i.Entries)}]; c != nil && c.app == i.App {
		return c
	}
	for _, some := range [][]*claims{now, b.sets} {
		for _, c := range some {
			if c.app == i.App && slices.Equal(c.entries, i.Entries) {
				return c
			}
		}
	}
	return &claims{app: i.App, entries: i.Entries}
}

// claim gives each protocol ID to the first set that claims it; later sets of
// the same service and method answer it too, and the last of them, the newest
// deployment, says its options.
func (b *builder) claim(sets []*claims) {
	n := max(len(b.routes), len(b.defaults))
	b.routes, b.shapes = make(map[uint32]*Route, n), nil
	fresh := slab{room: n}
	b.conflicts.begin()
	wider := map[[2]int]int{} // a group and one more set → group
	for n, set := range sets {
		for _, e := range set.entries {
			e.App = set.app
			r := b.routes[e.ID]
			if r == nil {
				r = fresh.route(e)
				b.routes[e.ID] = r
			} else if r.App != e.App || r.Method != e.Method {
				b.conflicts.refuse(r.Entry, e)
				continue
			}
			r.Entry = e
			g, ok := wider[[2]int{r.group, n}]
			if !ok {
				g = b.widen(r.group, n)
				wider[[2]int{r.group, n}] = g
			}
			r.group = g
		}
	}
	b.conflicts.end()
	for _, e := range b.defaults {
		if b.routes[e.ID] == nil {
			b.routes[e.ID] = fresh.route(e)
		}
	}
}

// slab makes routes many at a time.
type slab struct {
	routes []Route
	room   int // of the first allocation
}

func (s *slab) route(e route.Entry) *Route {
	if len(s.routes) == cap(s.routes) {
		s.routes = make([]Route, 0, max(s.room, 64))
		s.room = 1024
	}
	s.routes = append(s.routes, Route{Entry: e, group: noGroup})
	return &s.routes[len(s.routes)-1]
}

// widen adds the group that answers what g answers, and set too.
func (b *builder) widen(g, set int) int {
	var shape []int
	if g != noGroup {
		shape = slices.Clone(b.shapes[g])
	}
	if !slices.Contains(shape, set) { // an instance may list an ID twice
		shape = append(shape, set)
	}
	b.shapes = append(b.shapes, shape)
	return len(b.shapes) - 1
}

// group lists the ready instances of a shape.
func (b *builder) group(sets []*claims, shape []int) group {
	app := sets[shape[0]].app
	if b.turns[app] == nil {
		b.turns[app] = new(atomic.Uint32)
	}
	g := group{turn: b.turns[app]}
	for _, n := range shape {
		for _, i := range sets[n].members {
			if i.State == registry.Ready {
				g.ready = append(g.ready, i)
			}
		}
	}
	slices.SortFunc(g.ready, func(x, y *Instance) int { return cmp.Compare(x.Index, y.Index) })
	return g
}
