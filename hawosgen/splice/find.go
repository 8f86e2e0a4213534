package splice

import (
	"go/ast"
	"go/token"
	"path"
	"strconv"
	"strings"

	"github.com/hawos/hawos/hawosgen/model"
)

// typeDecl is the user's type for one handler.
type typeDecl struct {
	file   *file
	name   string
	params string    // of a generic type: [K, V]
	end    token.Pos // of its declaration
}

// find returns the type that implements h: the one that says so by
// var _ chatv1.ChatHandler = (*T)(nil), else the one of the name that it was
// generated with, else the one with most of its methods.
func (t *Tree) find(h *model.Handler) (typeDecl, bool) {
	for _, f := range t.files {
		if name := f.asserted(h); name != "" {
			if d, ok := t.declared(path.Dir(f.path), name); ok {
				return d, true
			}
		}
	}
	if d, ok := t.declared(h.App.Dir, h.Type); ok {
		return d, true
	}
	return t.closest(h)
}

// asserted returns the type that f asserts to implement h; empty for none.
func (f *file) asserted(h *model.Handler) string {
	for _, d := range f.ast.Decls {
		g, ok := d.(*ast.GenDecl)
		if !ok || g.Tok != token.VAR {
			continue
		}
		for _, s := range g.Specs {
			v := s.(*ast.ValueSpec)
			if len(v.Names) != 1 || v.Names[0].Name != "_" || len(v.Values) != 1 || v.Type == nil {
				continue
			}
			implements := f.canon(v.Type, nil)
			if implements == h.Proto.ImportPath+"."+h.Service.Handler || implements == h.Proto.ImportPath+"."+h.Service.Server {
				if name := pointedAt(v.Values[0]); name != "" {
					return name
				}
			}
		}
	}
	return ""
}

// pointedAt returns T of (*T)(nil), &T{} and new(T).
func pointedAt(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.CallExpr:
		if id, ok := e.Fun.(*ast.Ident); ok && id.Name == "new" && len(e.Args) == 1 {
			return typeName(e.Args[0])
		}
		return typeName(e.Fun)
	case *ast.UnaryExpr:
		if lit, ok := e.X.(*ast.CompositeLit); ok {
			return typeName(lit.Type)
		}
	}
	return ""
}

// typeName returns T of T, *T, (T) and T[P].
func typeName(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return typeName(e.X)
	case *ast.ParenExpr:
		return typeName(e.X)
	case *ast.IndexExpr:
		return typeName(e.X)
	case *ast.IndexListExpr:
		return typeName(e.X)
	}
	return ""
}

// declared returns the type of the given name in the package of a folder.
func (t *Tree) declared(dir, name string) (typeDecl, bool) {
	for _, f := range t.files {
		if path.Dir(f.path) != dir {
			continue
		}
		for _, s := range f.types() {
			if s.spec.Name.Name != name {
				continue
			}
			// An alias has the methods of the type that it names.
			if of := typeName(s.spec.Type); s.spec.Assign.IsValid() && of != "" && of != name {
				return t.declared(dir, of)
			}
			return typeDecl{file: f, name: name, params: typeParams(s.spec), end: s.decl.End()}, true
		}
	}
	return typeDecl{}, false
}

// typeParams returns the names of a type's parameters in brackets; empty where
// it has none.
func typeParams(s *ast.TypeSpec) string {
	var names []string
	if s.TypeParams != nil {
		for _, field := range s.TypeParams.List {
			for _, n := range field.Names {
				names = append(names, n.Name)
			}
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "[" + strings.Join(names, ", ") + "]"
}

// typeSpec is a type with the declaration that it stands in.
type typeSpec struct {
	spec *ast.TypeSpec
	decl *ast.GenDecl
}

func (f *file) types() []typeSpec {
	var out []typeSpec
	for _, d := range f.ast.Decls {
		if g, ok := d.(*ast.GenDecl); ok && g.Tok == token.TYPE {
			for _, s := range g.Specs {
				out = append(out, typeSpec{s.(*ast.TypeSpec), g})
			}
		}
	}
	return out
}

// closest returns the type with most of the methods of h, by name and request.
func (t *Tree) closest(h *model.Handler) (typeDecl, bool) {
	type key struct{ dir, name string }
	score := map[key]int{}
	var best key
	for _, f := range t.files {
		for _, fn := range f.methods() {
			for _, m := range h.Service.Methods {
				if fn.Name.Name == m.Name && f.takes(fn, h.RequestOf(m)) {
					k := key{path.Dir(f.path), typeName(fn.Recv.List[0].Type)}
					if score[k]++; score[k] > score[best] {
						best = k
					}
				}
			}
		}
	}
	if score[best] == 0 {
		return typeDecl{}, false
	}
	return t.declared(best.dir, best.name)
}

// takes reports whether a parameter of fn is a pointer to the type.
func (f *file) takes(fn *ast.FuncDecl, typ string) bool {
	for _, p := range fn.Type.Params.List {
		if f.canon(p.Type, nil) == "*"+typ {
			return true
		}
	}
	return false
}

// methods returns the functions of f that have a receiver.
func (f *file) methods() []*ast.FuncDecl {
	var out []*ast.FuncDecl
	for _, d := range f.ast.Decls {
		if fn, ok := d.(*ast.FuncDecl); ok && fn.Recv != nil && len(fn.Recv.List) == 1 {
			out = append(out, fn)
		}
	}
	return out
}

// imports returns the packages that f names: name → path. A name that neither
// the file nor the schema gives is taken from the end of the path.
func (f *file) imports() map[string]string {
	out := map[string]string{}
	for _, s := range f.ast.Imports {
		p, err := strconv.Unquote(s.Path.Value)
		if err != nil {
			continue
		}
		name := f.nameOf(s)
		if to, ok := f.moved[p]; ok {
			p = to.path
		}
		out[name] = p
	}
	for p, name := range f.added {
		out[name] = p
	}
	return out
}
