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
	known     map[*route.Entry]*claims  // by the first entry of each slice seen in the snapshot before
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
	known := make(map[*route.Entry]*claims, len(snapshot))
	byApp := map[string][]*claims{}
	var all []*claims
	for _, i := range snapshot {
		if len(i.Entries) == 0 {
			continue
		}
		one := &Instance{Instance: i, Index: len(t.instances), hash: Key(i.ID)}
		t.instances = append(t.instances, one)
		set := known[&i.Entries[0]]
		if set == nil || !set.same(i) {
			set = find(byApp[i.App], i)
		}
		if set == nil {
			if set = b.before(i); set == nil {
				set = &claims{app: i.App, entries: i.Entries}
			}
			set.members, set.since = nil, i.Started
			byApp[i.App] = append(byApp[i.App], set)
			all = append(all, set)
		}
		known[&i.Entries[0]] = set
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

// same reports whether i claims the set, comparing no entry where the slice is
// the very same.
func (c *claims) same(i registry.Instance) bool {
	if c.app != i.App || len(c.entries) != len(i.Entries) {
		return false
	}
	return &c.entries[0] == &i.Entries[0] || slices.Equal(c.entries, i.Entries)
}

func find(sets []*claims, i registry.Instance) *claims {
	for _, c := range sets {
		if c.same(i) {
			return c
		}
	}
	return nil
}

// before returns the set that i, or another instance with the same claims, had
// in the snapshot before.
func (b *builder) before(i registry.Instance) *claims {
	if c := b.known[&i.Entries[0]]; c != nil && c.same(i) {
		return c
	}
	return find(b.sets, i)
}

// claim gives each protocol ID to the first set that claims it; later sets of
// the same service and method answer it too, and the last of them, the newest
// deployment, says its options.
func (b *builder) claim(sets []*claims) {
	b.routes = make(map[uint32]*Route, max(len(b.routes), len(b.defaults)))
	b.shapes = nil
	b.conflicts.begin()
	wider := map[[2]int]int{} // a group and one more set → group
	for n, set := range sets {
		for _, e := range set.entries {
			e.App = set.app
			r := b.routes[e.ID]
			if r == nil {
				r = &Route{Entry: e, group: noGroup}
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
			b.routes[e.ID] = &Route{Entry: e, group: noGroup}
		}
	}
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
