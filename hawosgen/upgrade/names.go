package upgrade

import (
	"cmp"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"slices"
	"strconv"
)

// splice is one change of a text.
type splice struct {
	at       int
	old, new string
	line     int
}

// apply makes the changes in a text.
func apply(text []byte, list []splice) ([]Edit, []byte) {
	slices.SortFunc(list, func(a, b splice) int { return cmp.Compare(a.at, b.at) })
	var edits []Edit
	var out []byte
	last := 0
	for _, s := range list {
		out = append(append(out, text[last:s.at]...), s.new...)
		last = s.at + len(s.old)
		edits = append(edits, Edit{Line: s.line, Old: s.old, New: s.new})
	}
	return edits, append(out, text[last:]...)
}

// names renames what a Go file takes from packages. A generated file is left to
// its generator, one that does not parse to the user.
func names(text []byte, renames []Rename) ([]Edit, []byte, error) {
	if isGenerated(text) {
		return nil, text, nil
	}
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, "", text, parser.ParseComments)
	if err != nil {
		if !anyImported(text, renames) {
			return nil, text, nil
		}
		return []Edit{{Line: 1, Note: fmt.Sprintf("does not parse, so that nothing is renamed in it: %v", err)}}, text, nil
	}
	imported := map[string]string{} // import path by name in this file
	for _, i := range file.Imports {
		p, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			continue
		}
		name := path.Base(p)
		if i.Name != nil {
			name = i.Name.Name
		}
		imported[name] = p
	}
	var list []splice
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		// A name with an Obj is declared in this file: it hides the import.
		pkg, ok := sel.X.(*ast.Ident)
		if !ok || pkg.Obj != nil {
			return true
		}
		for _, r := range renames {
			if r.Package == imported[pkg.Name] && r.Old == sel.Sel.Name {
				pos := fset.Position(sel.Sel.Pos())
				list = append(list, splice{at: pos.Offset, old: r.Old, new: r.New, line: pos.Line})
			}
		}
		return true
	})
	edits, after := apply(text, list)
	return edits, after, nil
}

// anyImported reports whether a file that does not parse may import a package of
// the renames.
func anyImported(text []byte, renames []Rename) bool {
	f, err := parser.ParseFile(token.NewFileSet(), "", text, parser.ImportsOnly)
	if f == nil || err != nil {
		return true
	}
	return slices.ContainsFunc(f.Imports, func(i *ast.ImportSpec) bool {
		return slices.ContainsFunc(renames, func(r Rename) bool { return strconv.Quote(r.Package) == i.Path.Value })
	})
}
