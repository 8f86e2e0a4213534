package generate

import (
	"maps"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/hawosgen/model"
	"github.com/hawos/hawos/hawosgen/schema"
	"github.com/hawos/hawos/hawosgen/schema/lock"
	"github.com/hawos/hawos/hawosgen/splice"
)

// packages returns the project's generated packages with the names in them that
// the user's files may have, those of the last run included where the lock tells.
func (g *run) packages() []splice.Package {
	byPath := map[string]*splice.Package{}
	var order []string
	for _, f := range g.result.Schema.Owned() {
		p := byPath[f.Go.ImportPath]
		if p == nil {
			p = &splice.Package{ImportPath: f.Go.ImportPath, Name: f.Go.Name, Declares: map[string]bool{}, Renamed: map[string]string{}}
			byPath[f.Go.ImportPath] = p
			order = append(order, f.Go.ImportPath)
		}
		declare(p.Declares, f.Desc)
	}
	for _, a := range g.result.Model.Apps {
		for _, h := range a.Handlers {
			if p := byPath[h.Proto.ImportPath]; p != nil {
				maps.Copy(p.Renamed, g.renamedNames(h))
				for _, name := range serviceNames(h.Service.Name) {
					p.Declares[name] = true
				}
			}
		}
	}
	for _, c := range g.result.IDs {
		if p := g.pushPackage(c); p != nil && byPath[p.ImportPath] != nil {
			from, to := pushNames(c.Old.Name), pushNames(c.New.Name)
			for i := range from {
				byPath[p.ImportPath].Renamed[from[i]] = to[i]
			}
		}
	}
	var out []splice.Package
	for _, importPath := range order {
		out = append(out, *byPath[importPath])
	}
	return out
}

// declare takes in the Go names of messages and enums, nested ones included.
func declare(names map[string]bool, in interface {
	Messages() protoreflect.MessageDescriptors
	Enums() protoreflect.EnumDescriptors
}) {
	for i := range in.Messages().Len() {
		m := in.Messages().Get(i)
		names[schema.GoName(m)] = true
		declare(names, m)
	}
	for i := range in.Enums().Len() {
		names[schema.GoName(in.Enums().Get(i))] = true
	}
}

// serviceNames returns what is generated for a service of that name in Go.
func serviceNames(name string) []string {
	return []string{
		name + "Handler", "Register" + name, name + "App", name + "Caller", "New" + name + "Caller",
		name + "Server", "Register" + name + "Server", name + "Client", "New" + name + "Client", name + "_ServiceDesc",
	}
}

// renamedNames returns what was generated for h's service under other names at
// the last run: the names of a service that is called otherwise now, and the
// constants of its IDs.
func (g *run) renamedNames(h *model.Handler) map[string]string {
	out := map[string]string{}
	for _, c := range g.result.IDs {
		isMove := c.Kind == lock.Renamed || c.Kind == lock.Replaced && service(c.Old.Name) != service(c.New.Name) && method(c.Old.Name) == method(c.New.Name)
		if !isMove || c.Old.Kind != lock.RPC || c.New.Kind != lock.RPC || service(c.New.Name) != h.Service.FullName {
			continue
		}
		old, now := method(service(c.Old.Name)), h.Service.Name
		if from := old + method(c.Old.Name) + "ID"; from != now+method(c.New.Name)+"ID" {
			out[from] = now + method(c.New.Name) + "ID"
		}
		if old == now || g.hasService(service(c.Old.Name)) {
			continue
		}
		from, to := serviceNames(old), serviceNames(now)
		for i := range from {
			out[from[i]] = to[i]
		}
	}
	return out
}

// hasService reports whether the schema has a service of the full name.
func (g *run) hasService(fullName string) bool {
	for _, s := range g.result.Schema.Services {
		if string(s.Desc.FullName()) == fullName {
			return true
		}
	}
	return false
}

// pushPackage returns the Go package of a push that has another name in the same
// package than at the last run; nil for other changes.
func (g *run) pushPackage(c lock.Change) *schema.GoPackage {
	if c.Kind != lock.Renamed || c.New.Kind != lock.Push {
		return nil
	}
	for _, p := range g.result.Schema.Pushes {
		if f := g.result.Schema.FileOf(p.Desc); p.ID == c.ID && f != nil && service(c.Old.Name) == string(f.Desc.Package()) {
			return &f.Go
		}
	}
	return nil
}

// pushNames returns what is generated for the push of a message on the top level.
func pushNames(fullName string) []string {
	name := method(fullName)
	return []string{name, name + "ID", "Push" + name, "On" + name}
}
