package splice

import (
	"go/ast"
	"go/token"
	"maps"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/hawos/hawos/hawosgen/model"
)

// qualify returns the name by which the file knows a package; one that it does
// not import yet is noted for addImports.
func (f *file) qualify(importPath, name string) string {
	taken := f.imports()
	for as, p := range taken {
		if p == importPath && as != "_" && as != "." {
			return as
		}
	}
	for {
		_, used := taken[name]
		if !used && !slices.Contains(model.HandlerLocals, name) {
			break
		}
		name += "pb"
	}
	f.added[importPath] = name
	return name
}

// addImports adds an edit for each import that the other edits need.
func (f *file) addImports(t *Tree) {
	for _, p := range slices.Sorted(maps.Keys(f.added)) {
		spec := strconv.Quote(p)
		if name := f.added[p]; name != path.Base(p) {
			spec = name + " " + spec
		}
		f.edits = append(f.edits, f.importEdit(t, p, spec))
	}
}

// importEdit inserts a spec where it belongs by its path: behind the last
// import of the same kind, standard or not, that sorts before it.
func (f *file) importEdit(t *Tree, importPath, spec string) edit {
	block := f.importBlock()
	if block == nil {
		at := t.offset(f.ast.Name.End())
		if n := len(f.ast.Imports); n > 0 {
			at = t.offset(f.ast.Imports[n-1].End())
			return edit{from: at, to: at, with: "\nimport " + spec}
		}
		return edit{from: at, to: at, with: "\n\nimport " + spec}
	}
	var before, first ast.Spec
	for _, s := range block.Specs {
		p, err := strconv.Unquote(s.(*ast.ImportSpec).Path.Value)
		if err != nil || isStandard(p) != isStandard(importPath) {
			continue
		}
		if first == nil {
			first = s
		}
		if p < importPath {
			before = s
		}
	}
	switch {
	case before != nil:
		at := f.lineEnd(t, before.End())
		return edit{from: at, to: at, with: "\n\t" + spec}
	case first != nil:
		at := t.offset(first.Pos())
		return edit{from: at, to: at, with: spec + "\n\t"}
	case isStandard(importPath):
		at := t.offset(block.Lparen) + 1
		return edit{from: at, to: at, with: "\n\t" + spec + "\n"}
	}
	at := t.offset(block.Rparen)
	return edit{from: at, to: at, with: "\n\t" + spec + "\n"}
}

// importBlock returns the first import in brackets that is not of C.
func (f *file) importBlock() *ast.GenDecl {
	for _, d := range f.ast.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.IMPORT && g.Lparen.IsValid() {
			return g
		}
	}
	return nil
}

// isStandard reports whether a package is of Go's own library, as far as its
// path tells.
func isStandard(importPath string) bool {
	first, _, _ := strings.Cut(importPath, "/")
	return !strings.Contains(first, ".")
}

// lineEnd returns the end of the line where nothing but a comment follows at.
func (f *file) lineEnd(t *Tree, at token.Pos) int {
	from := t.offset(at)
	rest, _, _ := strings.Cut(string(f.text[from:]), "\n")
	rest = strings.TrimSuffix(rest, "\r")
	if trimmed := strings.TrimSpace(rest); trimmed == "" || strings.HasPrefix(trimmed, "//") {
		return from + len(rest)
	}
	return from
}
