// Package group knows which members each group of a frontend has. It is made for
// many groups that are read far more often than changed: groups lie in shards
// with a lock each, and a reader gets a copy of the members, so that it holds no
// lock while it writes to them. It knows neither sessions nor the directory;
// start from Index.
package group

import (
	"hash/maphash"
	"sync"
)

// shards is a power of two.
const shards = 64

// Index maps groups to their members of type M, usually a pointer. The zero
// value is not usable; New makes one. All methods may be called concurrently.
type Index[M any] struct {
	seed   maphash.Seed
	shards [shards]shard[M]
}

type shard[M any] struct {
	mu     sync.RWMutex
	groups map[string]*members[M]
}

// members are one group's. A group without members is taken out of its shard.
type members[M any] struct {
	name string
	list []*membership[M]
}

// membership is one member in one group. The shard's lock guards at.
type membership[M any] struct {
	member M
	group  *members[M]
	at     int // place in the group's list
}

// Memberships are the groups of one member; they are part of it. The zero value
// is none.
type Memberships[M any] struct {
	mu     sync.Mutex
	closed bool
	list   []*membership[M]
}

// New returns an empty index.
func New[M any]() *Index[M] {
	x := &Index[M]{seed: maphash.MakeSeed()}
	for i := range x.shards {
		x.shards[i].groups = map[string]*members[M]{}
	}
	return x
}

func (x *Index[M]) shard(name string) *shard[M] {
	return &x.shards[maphash.String(x.seed, name)&(shards-1)]
}

// Join makes m, whose memberships are of, a member of the group. It reports
// whether m was none before, and whether it is the group's first. After LeaveAll
// it does nothing.
func (x *Index[M]) Join(m M, of *Memberships[M], name string) (joined, first bool) {
	of.mu.Lock()
	defer of.mu.Unlock()
	if of.closed || of.find(name) >= 0 {
		return false, false
	}
	s := x.shard(name)
	s.mu.Lock()
	defer s.mu.Unlock()
	g := s.groups[name]
	if g == nil {
		g = &members[M]{name: name}
		s.groups[name] = g
	}
	e := &membership[M]{member: m, group: g, at: len(g.list)}
	g.list = append(g.list, e)
	of.list = append(of.list, e)
	return true, len(g.list) == 1
}

// Leave ends the membership. It reports whether there was one, and whether the
// group has no members now.
func (x *Index[M]) Leave(of *Memberships[M], name string) (left, last bool) {
	of.mu.Lock()
	defer of.mu.Unlock()
	i := of.find(name)
	if i < 0 {
		return false, false
	}
	e := of.list[i]
	end := len(of.list) - 1
	of.list[i], of.list[end] = of.list[end], nil
	of.list = of.list[:end]
	return true, x.remove(e)
}

// LeaveAll ends all memberships for good and returns the groups that have no
// members now.
func (x *Index[M]) LeaveAll(of *Memberships[M]) (emptied []string) {
	of.mu.Lock()
	defer of.mu.Unlock()
	of.closed = true
	for _, e := range of.list {
		if x.remove(e) {
			emptied = append(emptied, e.group.name)
		}
	}
	of.list = nil
	return emptied
}

// remove takes e out of its group: the last member takes its place.
func (x *Index[M]) remove(e *membership[M]) (last bool) {
	g := e.group
	s := x.shard(g.name)
	s.mu.Lock()
	defer s.mu.Unlock()
	end := len(g.list) - 1
	g.list[e.at] = g.list[end]
	g.list[e.at].at = e.at
	g.list[end] = nil
	g.list = g.list[:end]
	if end == 0 {
		delete(s.groups, g.name)
	}
	return end == 0
}

// find returns where the group is in the list; a member has few groups.
func (of *Memberships[M]) find(name string) int {
	for i, e := range of.list {
		if e.group.name == name {
			return i
		}
	}
	return -1
}

// Append appends the members of the group to dst, in no order, and returns it.
func (x *Index[M]) Append(dst []M, name string) []M {
	s := x.shard(name)
	s.mu.RLock()
	defer s.mu.RUnlock()
	if g := s.groups[name]; g != nil {
		for _, e := range g.list {
			dst = append(dst, e.member)
		}
	}
	return dst
}

// Has reports whether the group has members.
func (x *Index[M]) Has(name string) bool {
	s := x.shard(name)
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.groups[name] != nil
}

// Names returns all groups with members, in no order.
func (x *Index[M]) Names() []string {
	var names []string
	for i := range x.shards {
		s := &x.shards[i]
		s.mu.RLock()
		for name := range s.groups {
			names = append(names, name)
		}
		s.mu.RUnlock()
	}
	return names
}

// Len returns how many groups have members.
func (x *Index[M]) Len() int {
	n := 0
	for i := range x.shards {
		s := &x.shards[i]
		s.mu.RLock()
		n += len(s.groups)
		s.mu.RUnlock()
	}
	return n
}
