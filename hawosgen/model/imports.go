package model

import (
	"cmp"
	"path"
	"slices"
	"strconv"
	"strings"
)

// Imports are the packages that one Go file names, and how it names them.
type Imports struct {
	module string            // import path of the project's folder
	own    string            // of the file's own package
	used   map[string]Import // by path
	taken  names             // what a package must not be called in the file
}

// Import is one imported package.
type Import struct {
	Path  string
	Name  string
	Alias string // Name where the path alone would not say it, else empty
}

// Spec returns the import as Go code.
func (i Import) Spec() string {
	return strings.TrimPrefix(i.Alias+" "+strconv.Quote(i.Path), " ")
}

// newImports returns the imports of a file in the folder dir of a project, in
// which the names of parameters are locals.
func newImports(module, dir string, locals ...string) *Imports {
	i := &Imports{module: module, own: path.Join(module, dir), used: map[string]Import{}, taken: names{}}
	for _, l := range locals {
		i.taken[l] = true
	}
	return i
}

// use takes in a package and returns the name by which the file knows it.
// Packages that the template itself names are taken in first, so that their
// names are as the template says.
func (i *Imports) use(importPath string) string {
	return i.useAs(importPath, path.Base(importPath))
}

// useAs is use for a package whose name is not the end of its path.
func (i *Imports) useAs(importPath, name string) string {
	if in, ok := i.used[importPath]; ok {
		return in.Name
	}
	want := name
	if isGoWord(name) {
		want += "pb"
	}
	in := Import{Path: importPath, Name: i.taken.choose(want, want+"pb", name+"pkg")}
	if in.Name != path.Base(importPath) {
		in.Alias = in.Name
	}
	i.used[importPath] = in
	return in.Name
}

// qualify returns name as the file writes it: bare where it is the package's
// own.
func (i *Imports) qualify(importPath, packageName, name string) string {
	if importPath == i.own {
		return name
	}
	return i.useAs(importPath, packageName) + "." + name
}

// Groups returns the imports as gofmt'd code lists them: the standard library,
// then others' packages, then the project's own, each sorted by path.
func (i *Imports) Groups() [][]Import {
	var groups [3][]Import
	for _, in := range i.used {
		first, _, _ := strings.Cut(in.Path, "/")
		switch {
		case in.Path == i.module || strings.HasPrefix(in.Path, i.module+"/"):
			groups[2] = append(groups[2], in)
		case strings.Contains(first, "."):
			groups[1] = append(groups[1], in)
		default:
			groups[0] = append(groups[0], in)
		}
	}
	var out [][]Import
	for _, g := range groups {
		if len(g) > 0 {
			slices.SortFunc(g, func(a, b Import) int { return cmp.Compare(a.Path, b.Path) })
			out = append(out, g)
		}
	}
	return out
}
