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
	if len(f.ast.Imports) == 0 && len(f.added) > 0 {
		f.firstImports(t)
		return
	}
	at := map[int]string{} // new groups, by place
	for _, p := range slices.Sorted(maps.Keys(f.added)) {
		e, newGroup := f.importEdit(t, p, f.spec(p))
		if newGroup {
			at[e.from] += e.with
			continue
		}
		f.edits = append(f.edits, e)
	}
	for _, from := range slices.Sorted(maps.Keys(at)) {
		f.edits = append(f.edits, edit{from: from, to: from, with: at[from] + "\n"})
	}
}

// spec returns the import of an added package.
func (f *file) spec(importPath string) string {
	if name := f.added[importPath]; name != path.Base(importPath) {
		return name + " " + strconv.Quote(importPath)
	}
	return strconv.Quote(importPath)
}

// firstImports gives a file without imports a block of them.
func (f *file) firstImports(t *Tree) {
	var groups [2]string
	for _, p := range slices.Sorted(maps.Keys(f.added)) {
		i := 1
		if isStandard(p) {
			i = 0
		}
		groups[i] += "\t" + f.spec(p) + "\n"
	}
	text := groups[0] + groups[1]
	if groups[0] != "" && groups[1] != "" {
		text = groups[0] + "\n" + groups[1]
	}
	at := f.lineEnd(t, f.ast.Name.End())
	f.edits = append(f.edits, edit{from: at, to: at, with: "\n\nimport (\n" + text + ")"})
}

// importEdit inserts a spec where it belongs by its path: behind the last
// import of the same kind, standard or not, that sorts before it. Where there is
// none of the kind it begins a new group.
func (f *file) importEdit(t *Tree, importPath, spec string) (e edit, newGroup bool) {
	block := f.importBlock()
	if block == nil {
		at := f.lineEnd(t, f.ast.Imports[len(f.ast.Imports)-1].End())
		return edit{from: at, to: at, with: "\nimport " + spec}, false
	}
	var before, first ast.Spec
	last := "" // path of before
	for _, s := range block.Specs {
		p, err := strconv.Unquote(s.(*ast.ImportSpec).Path.Value)
		if err != nil || f.dropped[s.(*ast.ImportSpec)] || isStandard(p) != isStandard(importPath) {
			continue
		}
		if first == nil {
			first = s
		}
		if p < importPath && p > last {
			before, last = s, p
		}
	}
	switch {
	case before != nil:
		at := f.lineEnd(t, before.End())
		return edit{from: at, to: at, with: "\n\t" + spec}, false
	case first != nil:
		at := t.offset(first.Pos())
		return edit{from: at, to: at, with: spec + "\n\t"}, false
	case isStandard(importPath):
		at := t.offset(block.Lparen) + 1
		return edit{from: at, to: at, with: "\n\t" + spec}, true
	}
	at := t.offset(block.Rparen)
	return edit{from: at, to: at, with: "\n\t" + spec}, true
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
