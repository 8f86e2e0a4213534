package generate

import (
	"bytes"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/hawos/hawos/hawosgen/model"
	"github.com/hawos/hawos/hawosgen/output"
	"github.com/hawos/hawos/hawosgen/plan"
	"github.com/hawos/hawos/hawosgen/schema"
	"github.com/hawos/hawos/hawosgen/schema/lock"
	"github.com/hawos/hawos/hawosgen/splice"
)

// handlers completes the user's handler types, and prints those that are
// missing.
func (g *run) handlers() ([]output.File, error) {
	var out []output.File
	for _, a := range g.result.Model.Apps {
		files, err := g.app(a)
		if err != nil {
			return nil, err
		}
		out = append(out, files...)
	}
	return out, nil
}

func (g *run) app(a *model.App) ([]output.File, error) {
	tree, err := splice.Load(g.project.Dir, a.Dir, g.packageNames())
	if err != nil {
		return nil, err
	}
	if name := tree.PackageName(a.Dir); name != "" {
		a.Package = name
	}
	var missing []plan.File
	for _, h := range a.Handlers {
		found, err := tree.Handler(h, g.renames(h), g.render.Stub)
		if err != nil {
			return nil, err
		}
		tree.Retired(h, g.retired(h))
		if found {
			continue
		}
		f := plan.Handler(h)
		if g.options.Example == a.Name {
			f = plan.Example(h)
		}
		if g.exists(f.Path) {
			g.note(f.Path, "has no type that implements %s: write one, or delete the file", h.Service.FullName)
			continue
		}
		missing = append(missing, f)
	}
	g.checkRegistered(a)
	out, err := g.print(missing)
	if err != nil {
		return nil, err
	}
	spliced, err := tree.Files()
	g.result.Notes = append(g.result.Notes, tree.Notes()...)
	for _, f := range spliced {
		out = append(out, output.File{Path: f.Path, Rule: output.Kept, Text: f.Text})
	}
	return out, err
}

// packageNames returns the names of the schema's Go packages by path.
func (g *run) packageNames() map[string]string {
	names := map[string]string{}
	for _, f := range g.result.Schema.Files {
		names[f.Go.ImportPath] = f.Go.Name
	}
	return names
}

// renames returns the rpcs of h's service that the lock knows under another
// name.
func (g *run) renames(h *model.Handler) []splice.Rename {
	var out []splice.Rename
	for _, c := range g.result.IDs {
		if c.Kind == lock.Renamed && c.New.Kind == lock.RPC && service(c.New.Name) == h.Service.FullName {
			out = append(out, splice.Rename{Old: method(c.Old.Name), New: method(c.New.Name)})
		}
	}
	return out
}

// retired returns the names of the rpcs of h's service that are gone since the
// last run.
func (g *run) retired(h *model.Handler) []string {
	var out []string
	for _, c := range g.result.IDs {
		if c.Kind == lock.Retired && c.Old.Kind == lock.RPC && service(c.Old.Name) == h.Service.FullName {
			out = append(out, method(c.Old.Name))
		}
	}
	return out
}

// service returns the service of an rpc's full name.
func service(rpc string) string { return rpc[:max(0, strings.LastIndexByte(rpc, '.'))] }

// method returns the name in Go of an rpc's full name.
func method(rpc string) string { return schema.GoCamel(rpc[strings.LastIndexByte(rpc, '.')+1:]) }

// checkRegistered notes the services of an app that its program, written when
// there were fewer, does not register.
func (g *run) checkRegistered(a *model.App) {
	main := path.Join("cmd", a.Name, "main.go")
	if !g.exists(main) {
		return
	}
	for _, h := range a.Handlers {
		if !g.names(h.Service.Register, path.Dir(main), a.Dir) {
			m := model.NewMain(&model.App{Name: a.Name, Dir: a.Dir, Package: a.Package, Module: a.Module, Handlers: []*model.Handler{h}}).Handlers[0]
			g.note(main, "does not serve %s yet: add %s, err := %s(ctx, a) and %s(a, %s)", h.Service.FullName, m.Var, m.New, m.Register, m.Var)
		}
	}
}

// names reports whether a Go file in one of the folders has the word.
func (g *run) names(word string, dirs ...string) bool {
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(g.project.Path(dir), "*.go"))
		if err != nil {
			continue
		}
		for _, f := range files {
			if text, err := os.ReadFile(f); err == nil && bytes.Contains(text, []byte("."+word+"(")) {
				return true
			}
		}
	}
	return false
}
