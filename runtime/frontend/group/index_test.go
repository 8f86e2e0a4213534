package group_test

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"testing"

	"github.com/hawos/hawos/runtime/frontend/group"
)

type member struct {
	name   string
	groups group.Memberships[*member]
}

func names(x *group.Index[*member], g string) []string {
	list := []string{}
	for _, m := range x.Append(nil, g) {
		list = append(list, m.name)
	}
	slices.Sort(list)
	return list
}

func TestIndexJoinsAndLeaves(t *testing.T) {
	x := group.New[*member]()
	ann, bob := &member{name: "ann"}, &member{name: "bob"}
	for _, c := range []struct {
		name string
		do   func() (bool, bool)
		want [2]bool
		in   []string
	}{
		{"first", func() (bool, bool) { return x.Join(ann, &ann.groups, "g") }, [2]bool{true, true}, []string{"ann"}},
		{"second", func() (bool, bool) { return x.Join(bob, &bob.groups, "g") }, [2]bool{true, false}, []string{"ann", "bob"}},
		{"again", func() (bool, bool) { return x.Join(bob, &bob.groups, "g") }, [2]bool{false, false}, []string{"ann", "bob"}},
		{"leave", func() (bool, bool) { return x.Leave(&ann.groups, "g") }, [2]bool{true, false}, []string{"bob"}},
		{"leave again", func() (bool, bool) { return x.Leave(&ann.groups, "g") }, [2]bool{false, false}, []string{"bob"}},
		{"leave another", func() (bool, bool) { return x.Leave(&bob.groups, "h") }, [2]bool{false, false}, []string{"bob"}},
		{"last", func() (bool, bool) { return x.Leave(&bob.groups, "g") }, [2]bool{true, true}, []string{}},
	} {
		a, b := c.do()
		if got := [2]bool{a, b}; got != c.want || !slices.Equal(names(x, "g"), c.in) || x.Has("g") != (len(c.in) > 0) {
			t.Errorf("%s: got %v and members %v, want %v and %v", c.name, got, names(x, "g"), c.want, c.in)
		}
	}
}

func TestIndexLeaveAllIsFinal(t *testing.T) {
	x := group.New[*member]()
	ann, bob := &member{name: "ann"}, &member{name: "bob"}
	x.Join(ann, &ann.groups, "a")
	x.Join(ann, &ann.groups, "b")
	x.Join(bob, &bob.groups, "b")
	if got := x.LeaveAll(&ann.groups); !slices.Equal(got, []string{"a"}) {
		t.Errorf("got %v emptied, want a", got)
	}
	if joined, _ := x.Join(ann, &ann.groups, "a"); joined {
		t.Error("a member that has left for good joined again")
	}
	if got := x.Names(); !slices.Equal(got, []string{"b"}) || x.Len() != 1 {
		t.Errorf("got %v, want b", got)
	}
}

// TestIndexUnderLoad holds the index against what each member knows of itself.
func TestIndexUnderLoad(t *testing.T) {
	x := group.New[*member]()
	members := make([]*member, 50)
	in := make([]map[string]bool, len(members))
	var wait sync.WaitGroup
	for i := range members {
		members[i], in[i] = &member{name: fmt.Sprint(i)}, map[string]bool{}
		wait.Go(func() {
			m := members[i]
			for range 500 {
				g := fmt.Sprint("g", rand.IntN(10))
				if rand.IntN(2) == 0 {
					if joined, _ := x.Join(m, &m.groups, g); joined == in[i][g] {
						t.Errorf("join reports %v of a member that is %v in", joined, in[i][g])
					}
					in[i][g] = true
				} else {
					x.Leave(&m.groups, g)
					delete(in[i], g)
				}
				x.Append(nil, g)
			}
		})
	}
	wait.Wait()
	for n := range 10 {
		g := fmt.Sprint("g", n)
		want := []string{}
		for i := range members {
			if in[i][g] {
				want = append(want, members[i].name)
			}
		}
		slices.Sort(want)
		if got := names(x, g); !slices.Equal(got, want) {
			t.Errorf("%s: got %v, want %v", g, got, want)
		}
	}
}

// BenchmarkIndex: 1 M members in 100,000 groups, 10 in each, are there while it
// runs. The metric is what the index adds to the heap for each of them.
func BenchmarkIndex(b *testing.B) {
	const count, groups = 1_000_000, 100_000
	all, names := make([]member, count), make([]string, groups)
	for i := range names {
		names[i] = fmt.Sprint("g", i)
	}
	before := heap()
	x := group.New[*member]()
	for i := range all {
		x.Join(&all[i], &all[i].groups, names[i%groups])
	}
	each := float64(heap()-before) / count
	b.Run("join and leave", func(b *testing.B) {
		m := &member{}
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			name := names[i*7919%groups]
			x.Join(m, &m.groups, name)
			x.Leave(&m.groups, name)
		}
		b.ReportMetric(each, "B/membership")
	})
	b.Run("members", func(b *testing.B) {
		var list []*member
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			list = x.Append(list[:0], names[i*7919%groups])
		}
	})
}

func heap() int64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}
