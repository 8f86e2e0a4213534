package model

import (
	"cmp"
	"path"
	"slices"

	"github.com/hawos/hawos/hawosgen/schema"
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
	Balance string // Go code; empty for the default
	Options string // Go code; empty for the defaults
}

// RoutePush is one push.
type RoutePush struct {
	ID      uint32
	App     string
	Message string
	Class   string // Go code; empty for the default
	TTL     string // Go code; empty for never
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
	if balance := balanceExpr(s.Balance); s.Balance != 0 {
		e.Balance = balance
	}
	if options := optionsExpr(m.Options, r.Imports); options != "route.Options{}" {
		e.Options = options
	}
	return e
}

func (r *Routes) push(p *schema.Push) RoutePush {
	out := RoutePush{ID: p.ID, App: p.App, Message: string(p.Desc.FullName()), Class: classExpr(p.Delivery.Class)}
	if p.Delivery.TTL > 0 {
		out.TTL = durationExpr(p.Delivery.TTL, r.Imports)
	}
	return out
}

// Path returns the file's path in the project.
func (r *Routes) Path() string { return path.Join(r.Dir, "routes.hawos.go") }
