// Package todo tells of each rpc whether its method is written. It reads the
// user's code as text and compiles none of it. Start from List.
package todo

import (
	"cmp"
	"path"
	"slices"

	"github.com/hawos/hawos/hawosgen/model"
	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/hawosgen/schema"
	"github.com/hawos/hawos/hawosgen/schema/lock"
	"github.com/hawos/hawos/hawosgen/splice"
)

// State says how far a method is.
type State string

// The states of a method.
const (
	Implemented State = "implemented"
	Stub        State = "stub"    // as hawosgen wrote it: it answers that it is not written
	Missing     State = "missing" // hawosgen proto has not run, or found no place for it
	Orphan      State = "orphan"  // a method whose rpc is gone
)

// Item is one rpc, or an orphan.
type Item struct {
	ID    uint32 // protocol ID; 0: none
	State State
	Name  string // full name of the rpc
	Place string // file:line of the method; of the rpc where it is missing
}

// IsOpen reports whether there is something left to write.
func (i Item) IsOpen() bool { return i.State == Stub || i.State == Missing }

// List returns the rpcs of a project, those with a protocol ID first, by ID, and
// the orphans that it finds. Go files that do not parse are an error.
func List(p *project.Project, s *schema.Schema, m *model.Project, l lock.Lock) ([]Item, error) {
	names := map[string]string{}
	for _, f := range s.Files {
		names[f.Go.ImportPath] = f.Go.Name
	}
	r := reader{gen: p.Package(), retired: map[string]uint32{}}
	for _, e := range l {
		if e.Retired && e.Kind == lock.RPC {
			r.retired[e.Name] = e.ID
		}
	}
	for _, a := range m.Apps {
		tree, err := splice.Load(p.Dir, names, a.Dir, path.Join("cmd", a.Name))
		if err != nil {
			return nil, err
		}
		r.app(a, tree)
	}
	slices.SortStableFunc(r.items, func(a, b Item) int {
		return cmp.Or(cmp.Compare(a.ID-1, b.ID-1), cmp.Compare(a.Name, b.Name), cmp.Compare(a.Place, b.Place)) // 0 comes last
	})
	return r.items, nil
}

// reader collects items.
type reader struct {
	gen     string            // import path of the generated packages
	retired map[string]uint32 // by the full name of an rpc
	items   []Item
}

func (r *reader) app(a *model.App, tree *splice.Tree) {
	var known []string // of any handler: one type may implement several
	for _, h := range a.Handlers {
		known = append(known, h.MethodNames()...)
	}
	seen := map[string]bool{} // places of orphans
	for _, h := range a.Handlers {
		methods, _ := tree.Methods(h, r.gen)
		for _, rpc := range h.Service.Methods {
			r.rpc(rpc, methods)
		}
		for _, m := range methods {
			name := h.Service.FullName + "." + m.Name
			id, retired := r.retired[name]
			if slices.Contains(known, m.Name) || seen[m.Place] || !retired && !m.Answers {
				continue
			}
			seen[m.Place] = true
			r.items = append(r.items, Item{ID: id, State: Orphan, Name: name, Place: m.Place})
		}
	}
}

// rpc takes in one rpc; a method may stand in several files, one a platform.
func (r *reader) rpc(rpc *model.Method, methods []splice.Method) {
	item := Item{ID: rpc.ID, State: Missing, Name: rpc.FullName, Place: withoutColumn(rpc.Place())}
	for _, m := range methods {
		switch {
		case m.Name != rpc.Name:
		case m.Stub:
			item.State, item.Place = Stub, m.Place
			r.items = append(r.items, item)
			return
		case item.State == Missing:
			item.State, item.Place = Implemented, m.Place
		}
	}
	r.items = append(r.items, item)
}

func withoutColumn(p schema.Pos) string {
	p.Col = 0
	return p.String()
}
