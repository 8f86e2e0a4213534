package splice

import (
	"cmp"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// uses returns where the method is called or taken, as far as the package in
// its folder and the tests there tell. Other packages need not be found for it:
// what they declare is unknown, and no use.
func (t *Tree) uses(m method) []token.Pos {
	dir := path.Dir(m.file.path)
	byPackage := map[string][]*ast.File{}
	for _, f := range t.files {
		if path.Dir(f.path) == dir {
			byPackage[f.ast.Name.Name] = append(byPackage[f.ast.Name.Name], f.ast)
		}
	}
	for _, f := range t.tests(dir) {
		byPackage[f.Name.Name] = append(byPackage[f.Name.Name], f)
	}
	info := &types.Info{Defs: map[*ast.Ident]types.Object{}, Uses: map[*ast.Ident]types.Object{}}
	own := m.file.ast.Name.Name
	in := strangers{}
	check := func(files []*ast.File) *types.Package {
		conf := types.Config{Importer: in, Error: func(error) {}, FakeImportC: true}
		pkg, _ := conf.Check(dir, t.fset, files, info) // what others declare is missing: always an error
		return pkg
	}
	pkg := check(byPackage[own])
	in[dir] = pkg
	if files := byPackage[own+"_test"]; len(files) > 0 {
		check(files)
	}
	var out []token.Pos
	for id, obj := range info.Uses {
		if def := info.Defs[m.decl.Name]; def != nil && obj == def {
			out = append(out, id.Pos())
		}
	}
	slices.SortFunc(out, func(a, b token.Pos) int {
		x, y := t.fset.Position(a), t.fset.Position(b)
		return cmp.Or(cmp.Compare(x.Filename, y.Filename), cmp.Compare(x.Offset, y.Offset))
	})
	return out
}

// tests returns the tests in a folder that parse.
func (t *Tree) tests(dir string) []*ast.File {
	names, err := filepath.Glob(filepath.Join(t.root, filepath.FromSlash(dir), "*_test.go"))
	if err != nil {
		return nil
	}
	var out []*ast.File
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			continue
		}
		f, err := parser.ParseFile(t.fset, path.Join(dir, filepath.Base(name)), text, parser.SkipObjectResolution)
		if err == nil {
			out = append(out, f)
		}
	}
	return out
}

// strangers imports packages that declare nothing but the given ones, known by
// the end of their path.
type strangers map[string]*types.Package

// Import returns a package.
func (s strangers) Import(importPath string) (*types.Package, error) {
	for dir, pkg := range s {
		if strings.HasSuffix(importPath, "/"+dir) {
			return pkg, nil
		}
	}
	pkg := types.NewPackage(importPath, path.Base(importPath))
	pkg.MarkComplete()
	return pkg, nil
}
