package model

import (
	"cmp"
	"path"
	"slices"

	"github.com/hawos/hawos/hawosgen/schema"
	"github.com/hawos/hawos/runtime/route"
)

// Routes is the table of all protocol IDs that the frontend is built with.
type Routes struct {
	Dir     string // gen/routes
	Package string // routes
	Imports *Imports
	Entries []RouteEntry // by ID
	Pushes  []RoutePush  // by ID
}

// RouteEntry is one rpc with an ID.
type RouteEntry struct {
	ID      uint32
	App     string
	Method  string
	Options string // Go code of the fields that are not the defaults, each after a comma
}

// RoutePush is one push.
type RoutePush struct {
	ID       uint32
	App      string
	Message  string
	Delivery string // Go code of the fields that are not the defaults, each after a comma
}

func buildRoutes(s *schema.Schema, module, out string) *Routes {
	name := names{}
	for _, f := range s.Owned() {
		name[path.Base(f.Go.Dir)] = name[path.Base(f.Go.Dir)] || path.Dir(f.Go.Dir) == out
	}
	r := &Routes{Package: name.choose("routes", "hawosroutes")}
	r.Dir = path.Join(out, r.Package)
	r.Imports = newImports(module, r.Dir)
	r.Imports.use(runtime("route"))
	for _, service := range s.Services {
		for _, m := range service.Methods {
			if m.ID != 0 {
				r.Entries = append(r.Entries, r.entry(service, m))
			}
		}
	}
	slices.SortFunc(r.Entries, func(a, b RouteEntry) int { return cmp.Compare(a.ID, b.ID) })
	for _, p := range s.Pushes {
		r.Pushes = append(r.Pushes, r.push(p))
	}
	return r
}

func (r *Routes) entry(s *schema.Service, m *schema.Method) RouteEntry {
	e := RouteEntry{ID: m.ID, App: s.App, Method: string(m.Desc.FullName())}
	if s.Balance != route.BalanceRoundRobin {
		e.Options += ", Balance: " + balanceExpr(s.Balance)
	}
	if m.Options != (route.Options{}) {
		e.Options += ", Options: " + optionsExpr(m.Options, r.Imports)
	}
	return e
}

func (r *Routes) push(p *schema.Push) RoutePush {
	out := RoutePush{ID: p.ID, App: p.App, Message: string(p.Desc.FullName())}
	if class := classExpr(p.Delivery.Class); class != "" {
		out.Delivery += ", Class: " + class
	}
	if p.Delivery.TTL > 0 {
		out.Delivery += ", TTL: " + durationExpr(p.Delivery.TTL, r.Imports)
	}
	return out
}

// Path returns the file's path in the project.
func (r *Routes) Path() string { return path.Join(r.Dir, "routes.hawos.go") }
