package generate

import (
	"bytes"
	"maps"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

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
	names, packages := g.packageNames(), g.packages()
	apps := make([]completed, len(g.result.Model.Apps))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, a := range g.result.Model.Apps {
		group.Go(func() (err error) { apps[i], err = g.app(a, names, packages); return err })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var out []output.File
	for _, a := range apps {
		out = append(out, a.files...)
		g.result.Notes = append(g.result.Notes, a.notes...)
	}
	g.checkOrphans()
	return out, nil
}

// completed are the files of an app that were printed or spliced, and what is left
// to the user.
type completed struct {
	files []output.File
	notes []splice.Note
}

// app completes the handlers of one app. names are those of the schema's Go
// packages, packages the project's own.
func (g *run) app(a *model.App, names map[string]string, packages []splice.Package) (out completed, err error) {
	tree, err := splice.Load(g.project.Dir, names, a.Dir, program(a))
	if err != nil {
		return out, err
	}
	if name := tree.PackageName(a.Dir); name != "" {
		a.Package = name
	}
	tree.Follow(g.project.Module, packages)
	var missing []plan.File
	for _, h := range a.Handlers {
		found, err := tree.Handler(h, g.renames(h), g.render.Stub)
		if err != nil {
			return out, err
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
			out.notes = append(out.notes, note(f.Path, "has no type that implements %s: write one, or delete the file", h.Service.FullName))
			continue
		}
		missing = append(missing, f)
	}
	if out.files, err = g.print(missing); err != nil {
		return out, err
	}
	spliced, err := tree.Files()
	out.notes = slices.Concat(out.notes, g.checkRegistered(a, spliced), tree.Notes())
	for _, f := range spliced {
		out.files = append(out.files, output.File{Path: f.Path, Rule: output.Kept, Text: f.Text})
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
// last run: those that the lock knows, and those without an ID of which the code
// generated then tells.
func (g *run) retired(h *model.Handler) []string {
	gone := map[string]bool{}
	for _, c := range g.result.IDs {
		if c.Kind == lock.Retired && c.Old.Kind == lock.RPC && service(c.Old.Name) == h.Service.FullName {
			gone[method(c.Old.Name)] = true
		}
	}
	for _, name := range g.generatedRPCs(h) {
		gone[name] = true
	}
	for _, name := range h.MethodNames() {
		delete(gone, name)
	}
	for _, r := range g.renames(h) {
		delete(gone, r.Old)
	}
	return slices.Sorted(maps.Keys(gone))
}

// generatedRPCs returns the rpcs of h's service, named as in Go, in the code that
// the last run wrote for gRPC.
func (g *run) generatedRPCs(h *model.Handler) []string {
	dir, err := filepath.Rel(filepath.FromSlash(g.project.Module), filepath.FromSlash(h.Proto.ImportPath))
	if err != nil {
		return nil
	}
	files, err := filepath.Glob(filepath.Join(g.project.Dir, dir, "*_grpc.pb.go"))
	if err != nil {
		return nil
	}
	prefix := `"/` + h.Service.FullName + "/"
	var out []string
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		for _, rest := range strings.Split(string(text), prefix)[1:] {
			rpc, _, _ := strings.Cut(rest, `"`)
			out = append(out, method(rpc))
		}
	}
	return out
}

// service returns the service of an rpc's full name.
func service(rpc string) string { return rpc[:max(0, strings.LastIndexByte(rpc, '.'))] }

// method returns the name in Go of an rpc's full name.
func method(rpc string) string { return schema.GoCamel(rpc[strings.LastIndexByte(rpc, '.')+1:]) }

// program returns the folder of an app's main.
func program(a *model.App) string { return path.Join("cmd", a.Name) }

// checkRegistered notes the services of an app that its program, written when
// there were fewer, does not register. Files in spliced are as they will be.
func (g *run) checkRegistered(a *model.App, spliced []splice.File) (notes []splice.Note) {
	main := path.Join(program(a), "main.go")
	if !g.exists(main) {
		return nil
	}
	for _, h := range a.Handlers {
		if !g.names(h.Service.Register, spliced, path.Dir(main), a.Dir) {
			m := model.NewMain(&model.App{Name: a.Name, Dir: a.Dir, Package: a.Package, Module: a.Module, Handlers: []*model.Handler{h}}).Handlers[0]
			notes = append(notes, note(main, "does not serve %s yet: add %s, err := %s(ctx, a) and %s(a, %s)", h.Service.FullName, m.Var, m.New, m.Register, m.Var))
		}
	}
	return notes
}

// names reports whether a Go file in one of the folders calls a function of
// another package by the name.
func (g *run) names(word string, spliced []splice.File, dirs ...string) bool {
	call := []byte("." + word + "(")
	for _, f := range spliced {
		if slices.Contains(dirs, path.Dir(f.Path)) && bytes.Contains(f.Text, call) {
			return true
		}
	}
	for _, dir := range dirs {
		files, err := filepath.Glob(filepath.Join(g.project.Path(dir), "*.go"))
		if err != nil {
			continue
		}
		for _, f := range files {
			if text, err := os.ReadFile(f); err == nil && bytes.Contains(text, call) {
				return true
			}
		}
	}
	return false
}
