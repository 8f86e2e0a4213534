package model

import (
	"cmp"
	"path"
	"slices"
	"strings"
)

// Imports are the packages that one Go file names, and how it names them.
type Imports struct {
	own   string            // import path of the file's own package
	used  map[string]Import // by path
	taken names             // what a package must not be called in the file
}

// Import is one imported package.
type Import struct {
	Path  string
	Name  string
	Alias string // Name where the path alone would not say it, else empty
}

// newImports returns the imports of a file of the package own, in which the
// names of parameters are locals.
func newImports(own string, locals ...string) *Imports {
	i := &Imports{own: own, used: map[string]Import{}, taken: names{}}
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
// then the others, each sorted by path.
func (i *Imports) Groups() [][]Import {
	var std, others []Import
	for _, in := range i.used {
		if first, _, _ := strings.Cut(in.Path, "/"); strings.Contains(first, ".") || strings.HasPrefix(in.Path, i.root()) {
			others = append(others, in)
		} else {
			std = append(std, in)
		}
	}
	var groups [][]Import
	for _, g := range [][]Import{std, others} {
		if len(g) > 0 {
			slices.SortFunc(g, func(a, b Import) int { return cmp.Compare(a.Path, b.Path) })
			groups = append(groups, g)
		}
	}
	return groups
}

// root returns the first element of the own package's path with a slash, for a
// project whose module has no dot in its name.
func (i *Imports) root() string {
	first, _, _ := strings.Cut(i.own, "/")
	return first + "/"
}
