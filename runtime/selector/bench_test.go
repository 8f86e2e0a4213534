package selector_test

import (
	"fmt"
	"testing"

	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/selector"
)

// many is a project of 100,000 protocol IDs: 100 services of 10 instances each.
func many() []registry.Instance {
	var all []registry.Instance
	for app := range 100 {
		name := fmt.Sprint("app", app)
		var entries []route.Entry
		for n := range 1000 {
			entries = append(entries, route.Entry{ID: uint32(100 + app*1000 + n), App: name, Method: fmt.Sprintf("%s.v1.S.M%d", name, n)})
		}
		for n := range 10 {
			all = append(all, instance(name, n, append([]route.Entry(nil), entries...)...)) // each decodes its own
		}
	}
	return all
}

// BenchmarkSwap is an instance that begins to drain, and comes back.
func BenchmarkSwap(b *testing.B) {
	all := many()
	_, swap := follow(b, selector.Options{}, all...)
	state := map[bool]registry.State{true: registry.Ready, false: registry.Draining}
	ready := false
	b.ReportAllocs()
	for b.Loop() {
		next := append([]registry.Instance(nil), all...)
		next[500].State = state[ready]
		ready = !ready
		swap(next...)
	}
}

// BenchmarkSwapClaims is a deployment that adds a protocol ID.
func BenchmarkSwapClaims(b *testing.B) {
	all := many()
	_, swap := follow(b, selector.Options{}, all...)
	added := false
	b.ReportAllocs()
	for b.Loop() {
		next := append([]registry.Instance(nil), all...)
		if added = !added; added {
			next[500].Entries = append(append([]route.Entry(nil), next[500].Entries...), route.Entry{ID: 200_000, Method: "new"})
		}
		swap(next...)
	}
}

func BenchmarkLookupAndPick(b *testing.B) {
	for _, balance := range []route.Balance{route.BalanceRoundRobin, route.BalanceSession} {
		b.Run(fmt.Sprint("balance", balance), func(b *testing.B) {
			all := many()
			for n := range all {
				for k := range all[n].Entries {
					all[n].Entries[k].Balance = balance
				}
			}
			s, _ := follow(b, selector.Options{}, all...)
			var u selector.Usable = except{}
			id := uint32(100)
			b.ReportAllocs()
			for b.Loop() {
				table := s.Table()
				r, ok := table.Lookup(id)
				if !ok || table.Pick(r, uint64(id), u) == nil {
					b.Fatal("nobody")
				}
				id = 100 + (id+7919)%100_000
			}
		})
	}
}
