package splice

import (
	"fmt"
	"go/ast"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/hawos/hawos/hawosgen/model"
)

// Rename is an rpc that has another name than at the last run.
type Rename struct{ Old, New string } // in Go: Send

// Printer prints a model.Stub: a method as it is first written.
type Printer func(stub any) (string, error)

// Handler completes the type that implements h. It reports false where there is
// none. What it cannot do becomes a note.
func (t *Tree) Handler(h *model.Handler, renames []Rename, print Printer) (found bool, err error) {
	decl, ok := t.find(h)
	if !ok {
		return false, nil
	}
	c := completion{tree: t, decl: decl, dir: path.Dir(decl.file.path), renames: renames}
	c.methods = t.methodSet(c.dir, decl.name, map[string]bool{})
	var missing []string
	for _, name := range h.MethodNames() {
		if of, ok := c.methods[name]; ok {
			c.mend(of, h, name)
			continue
		}
		var stub model.Stub
		if old, ok := c.renamed(name); ok {
			if of := c.methods[old]; !c.isUsed(of, old, name) {
				c.rename(of, old, name)
				c.mend(of, h, name)
				continue
			}
			c.mend(c.methods[old], h, name)
			stub = h.Forward(name, old, c.receiver(), decl.file.qualify)
		} else {
			stub = h.Stub(name, c.receiver(), decl.file.qualify)
		}
		text, err := print(stub)
		if err != nil {
			return true, err
		}
		missing = append(missing, strings.TrimSuffix(text, "\n"))
	}
	if len(missing) > 0 {
		at := c.end()
		decl.file.edits = append(decl.file.edits, edit{from: at, to: at, with: "\n\n" + strings.Join(missing, "\n\n")})
	}
	return true, nil
}

// Retired notes the methods of h's type whose rpcs are gone.
func (t *Tree) Retired(h *model.Handler, gone []string) {
	decl, ok := t.find(h)
	if !ok {
		return
	}
	methods := t.methodSet(path.Dir(decl.file.path), decl.name, map[string]bool{})
	for _, name := range gone {
		for _, m := range methods[name] {
			t.note(m.decl.Name.Pos(), fmt.Sprintf("the rpc of %s is gone; the method stays until you delete it", name))
		}
	}
}

// method is one method of the user's with the file that it stands in.
type method struct {
	file *file
	decl *ast.FuncDecl
}

// methodSet returns the methods of a type in a folder by name, those of the
// types that it embeds included. A method may stand in several files, one for
// each platform.
func (t *Tree) methodSet(dir, typ string, seen map[string]bool) map[string][]method {
	out := map[string][]method{}
	if seen[dir+"."+typ] {
		return out
	}
	seen[dir+"."+typ] = true
	for _, f := range t.files {
		if path.Dir(f.path) != dir {
			continue
		}
		for _, s := range f.types() {
			st, ok := s.spec.Type.(*ast.StructType)
			if s.spec.Name.Name != typ || !ok {
				continue
			}
			for _, field := range st.Fields.List {
				if len(field.Names) > 0 {
					continue
				}
				in, name := t.embedded(f, field.Type)
				maps.Copy(out, t.methodSet(in, name, seen))
			}
		}
	}
	own := map[string][]method{}
	for _, f := range t.files {
		for _, fn := range f.methods() {
			if path.Dir(f.path) == dir && typeName(fn.Recv.List[0].Type) == typ {
				own[fn.Name.Name] = append(own[fn.Name.Name], method{f, fn})
			}
		}
	}
	maps.Copy(out, own)
	return out
}

// embedded returns the folder and the name of a type that a struct embeds; the
// folder of a package that is not the tree's has no files.
func (t *Tree) embedded(f *file, e ast.Expr) (dir, name string) {
	if star, ok := e.(*ast.StarExpr); ok {
		e = star.X
	}
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return path.Dir(f.path), typeName(e)
	}
	x, ok := sel.X.(*ast.Ident)
	if !ok {
		return "", ""
	}
	importPath := f.imports()[x.Name]
	for _, other := range t.files {
		if dir := path.Dir(other.path); strings.HasSuffix(importPath, "/"+dir) {
			return dir, sel.Sel.Name
		}
	}
	return "", ""
}

// completion is the work on one type.
type completion struct {
	tree    *Tree
	decl    typeDecl
	dir     string
	methods map[string][]method
	renames []Rename
}

// receiver returns the receiver of a new method, as the type's others have it.
func (c *completion) receiver() string {
	name, typ := "s", "*"+c.decl.name+c.decl.params
	for _, f := range c.tree.files {
		for _, fn := range f.methods() {
			r := fn.Recv.List[0]
			if path.Dir(f.path) != c.dir || typeName(r.Type) != c.decl.name {
				continue
			}
			typ = string(f.text[c.tree.offset(r.Type.Pos()):c.tree.offset(r.Type.End())])
			if len(r.Names) == 1 && r.Names[0].Name != "_" {
				return r.Names[0].Name + " " + typ
			}
		}
	}
	return name + " " + typ
}

// renamed returns the name that the rpc's method had at the last run, where the
// type still has that one.
func (c *completion) renamed(name string) (old string, ok bool) {
	i := slices.IndexFunc(c.renames, func(r Rename) bool { return r.New == name })
	if i < 0 {
		return "", false
	}
	old = c.renames[i].Old
	return old, len(c.methods[old]) > 0
}

// isUsed reports whether the user's code calls one of the methods itself: it
// keeps its name then, and the rpc's new method calls it.
func (c *completion) isUsed(of []method, old, name string) bool {
	for _, m := range of {
		if at := c.tree.uses(m); len(at) > 0 {
			c.tree.note(at[0], fmt.Sprintf("%s is used here, so it keeps its name: %s, as its rpc is called now, calls it", old, name))
			return true
		}
	}
	return false
}

// rename gives the methods their rpc's name.
func (c *completion) rename(of []method, old, name string) {
	for _, m := range of {
		c.replace(m.file, m.decl.Name, name)
		c.tree.note(m.decl.Name.Pos(), fmt.Sprintf("%s is now called %s, as its rpc is", old, name))
	}
}

// replace puts text in the place of n.
func (c *completion) replace(f *file, n ast.Node, text string) {
	f.edits = append(f.edits, edit{from: c.tree.offset(n.Pos()), to: c.tree.offset(n.End()), with: text})
}

// end returns where to add methods: below the last method of the type in its
// file, else below the type.
func (c *completion) end() int {
	at := c.decl.end
	for _, fn := range c.decl.file.methods() {
		if typeName(fn.Recv.List[0].Type) == c.decl.name && fn.End() > at {
			at = fn.End()
		}
	}
	return c.decl.file.lineEnd(c.tree, at)
}
