package splice

import (
	"errors"
	"fmt"
	"go/ast"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Package is a generated Go package as user's files may name it.
type Package struct {
	ImportPath string
	Name       string
	Declares   map[string]bool   // names of types and of what is generated for services
	Renamed    map[string]string // names that it declared at the last run: old → new
}

// Follow lets the imports of generated packages that have moved, and the names
// in them that are called otherwise now, follow the schema. A package of the
// project, whose folder has the import path module, is gone where its folder
// holds nothing but generated files and the schema has it no more; where it went
// is known by what a file names of it. What nothing tells becomes a note.
func (t *Tree) Follow(module string, packages []Package) {
	byPath := map[string]Package{}
	for _, p := range packages {
		byPath[p.ImportPath] = p
	}
	for _, f := range t.files {
		for _, s := range f.ast.Imports {
			from, err := strconv.Unquote(s.Path.Value)
			dir, ours := strings.CutPrefix(from, module+"/")
			if err == nil && ours && t.isGone(from, dir) {
				f.followImport(t, s, from, packages)
			}
		}
		names := f.imports()
		for _, as := range slices.Sorted(maps.Keys(names)) {
			f.followNames(t, as, byPath[names[as]].Renamed)
		}
	}
}

// isGone reports whether a package of the project is not of the schema and its
// folder is missing, or holds nothing but generated files.
func (t *Tree) isGone(importPath, dir string) bool {
	if _, known := t.known[importPath]; known {
		return false
	}
	entries, err := os.ReadDir(filepath.Join(t.root, filepath.FromSlash(dir)))
	if errors.Is(err, fs.ErrNotExist) {
		return true
	}
	return err == nil && !slices.ContainsFunc(entries, func(e fs.DirEntry) bool {
		return !strings.HasSuffix(e.Name(), ".pb.go") && !strings.HasSuffix(e.Name(), ".hawos.go")
	})
}

// followImport gives an import the path that its package has now.
func (f *file) followImport(t *Tree, s *ast.ImportSpec, from string, packages []Package) {
	as := path.Base(from)
	if s.Name != nil {
		as = s.Name.Name
	} else if uses := f.guessName(from); uses != "" {
		as = uses
	}
	named := f.selected(as)
	var best Package
	most, tie := 0, false
	for _, p := range packages {
		n := 0
		for _, sel := range named {
			if p.has(sel.Sel.Name) {
				n++
			}
		}
		switch {
		case n > most:
			best, most, tie = p, n, false
		case n == most && n > 0:
			tie = true
		}
	}
	if most == 0 || tie {
		t.note(s.Pos(), fmt.Sprintf("the package %s is gone, and nothing tells where it went: mend the import", from))
		return
	}
	text := strconv.Quote(best.ImportPath)
	if s.Name == nil && as != best.Name {
		text = as + " " + text
	}
	f.edits = append(f.edits, edit{from: t.offset(s.Path.Pos()), to: t.offset(s.Path.End()), with: text})
	f.moved[from] = moved{path: best.ImportPath, name: as}
	t.note(s.Pos(), fmt.Sprintf("the import of %s follows its package to %s", from, best.ImportPath))
}

// guessName returns the name by which a file without an alias knows a package of
// version folders: chatv1 of …/gen/chat/v1.
func (f *file) guessName(importPath string) string {
	name := path.Base(path.Dir(importPath)) + path.Base(importPath)
	if len(f.selected(name)) > 0 {
		return name
	}
	return ""
}

// has reports whether p declares a name, or did under another at the last run.
func (p Package) has(name string) bool {
	if _, renamed := p.Renamed[name]; renamed || p.Declares[name] {
		return true
	}
	base, _, nested := strings.Cut(name, "_") // a oneof's case, an enum's value
	return nested && p.Declares[base]
}

// followNames gives the names of a package that are called otherwise now their
// new ones.
func (f *file) followNames(t *Tree, as string, renamed map[string]string) {
	for _, sel := range f.selected(as) {
		if to, ok := renamed[sel.Sel.Name]; ok {
			f.edits = append(f.edits, edit{from: t.offset(sel.Sel.Pos()), to: t.offset(sel.Sel.End()), with: to})
			t.note(sel.Sel.Pos(), fmt.Sprintf("%s is now called %s", sel.Sel.Name, to))
		}
	}
}

// selected returns what the file names of the package that it knows as as.
func (f *file) selected(as string) []*ast.SelectorExpr {
	var out []*ast.SelectorExpr
	ast.Inspect(f.ast, func(n ast.Node) bool {
		if sel, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := sel.X.(*ast.Ident); ok && x.Name == as {
				out = append(out, sel)
			}
		}
		return true
	})
	return out
}

// dropUnused removes the imports that only text named which the edits replace:
// Go takes none that is not used.
func (f *file) dropUnused(t *Tree) {
	for _, s := range f.ast.Imports {
		as := f.nameOf(s)
		selected := f.selected(as)
		if as == "_" || as == "." || len(selected) == 0 || !f.allReplaced(t, selected) {
			continue
		}
		f.dropped[s] = true
		from, to := f.lineOf(t, s)
		f.edits = append(f.edits, edit{from: from, to: to})
		t.note(s.Pos(), "nothing uses this import any more, so it goes")
	}
}

// allReplaced reports whether each of the expressions lies in an edit that does
// not name the package again.
func (f *file) allReplaced(t *Tree, selected []*ast.SelectorExpr) bool {
	for _, sel := range selected {
		from, to, gone := t.offset(sel.Pos()), t.offset(sel.End()), false
		for _, e := range f.edits {
			gone = gone || e.from <= from && to <= e.to
			if strings.Contains(e.with, sel.X.(*ast.Ident).Name+".") {
				return false
			}
		}
		if !gone {
			return false
		}
	}
	return true
}

// lineOf returns the range of an import with the line break before it.
func (f *file) lineOf(t *Tree, s *ast.ImportSpec) (from, to int) {
	start, end := s.Pos(), s.End()
	for _, d := range f.ast.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT && !g.Lparen.IsValid() && g.Specs[0] == ast.Spec(s) {
			start = g.Pos()
		}
	}
	from, to = t.offset(start), f.lineEnd(t, end)
	for from > 0 && (f.text[from-1] == ' ' || f.text[from-1] == '\t') {
		from--
	}
	if from > 0 && f.text[from-1] == '\n' {
		from--
	}
	if from > 0 && f.text[from-1] == '\r' {
		from--
	}
	return from, to
}

// nameOf returns the name by which the file knows an imported package.
func (f *file) nameOf(s *ast.ImportSpec) string {
	if s.Name != nil {
		return s.Name.Name
	}
	p, err := strconv.Unquote(s.Path.Value)
	if err != nil {
		return ""
	}
	if to, ok := f.moved[p]; ok {
		return to.name
	}
	if name, ok := f.known[p]; ok {
		return name
	}
	return path.Base(p)
}
