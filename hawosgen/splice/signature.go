package splice

import (
	"fmt"
	"go/ast"
	"go/parser"

	"github.com/hawos/hawos/hawosgen/model"
)

// signature is what a method of the user's must look like.
type signature struct {
	text  string // func(ctx context.Context, …) …
	typ   *ast.FuncType
	paths map[string]string // of the packages in text, by name
}

// wanted returns the signature of h's method of that name, with the packages
// called as q says.
func wanted(h *model.Handler, name string, q model.Qualifier) (signature, error) {
	s := signature{paths: map[string]string{}}
	params, results := h.Signature(name, func(importPath, pkg string) string {
		as := q(importPath, pkg)
		s.paths[as] = importPath
		return as
	})
	s.text = "func(" + params + ") " + results
	e, err := parser.ParseExpr(s.text)
	if err != nil {
		return s, err
	}
	s.typ = e.(*ast.FuncType)
	return s, nil
}

// canon returns a type of the signature as file.canon does.
func (s signature) canon(e ast.Expr) string {
	return canon(e, func(pkg, name string) string {
		if pkg == "" {
			return name
		}
		return s.paths[pkg] + "." + name
	})
}

// textOf returns the Go code of a type of the signature.
func (s signature) textOf(e ast.Expr) string { return s.text[e.Pos()-1 : e.End()-1] }

// anyName calls each package by a name of its own.
func anyName() model.Qualifier {
	names := map[string]string{}
	return func(importPath, _ string) string {
		if names[importPath] == "" {
			names[importPath] = fmt.Sprintf("p%d", len(names))
		}
		return names[importPath]
	}
}

// mend makes the signatures of an rpc's methods its own.
func (c *completion) mend(of []method, h *model.Handler, name string) {
	for _, m := range of {
		c.mendOne(m, h, name)
	}
}

// mendOne makes the signature of m that of its rpc. Types of messages alone are
// replaced; a signature of another shape is left to the user.
func (c *completion) mendOne(m method, h *model.Handler, name string) {
	want, err := wanted(h, name, anyName())
	if err != nil {
		return
	}
	have := m.decl.Type
	haveTypes, wantTypes := flat(have), flat(want.typ)
	if len(haveTypes) != len(wantTypes) || have.Params.NumFields() != want.typ.Params.NumFields() {
		c.report(m, h, name)
		return
	}
	a := c.tree.aliasesOf(c.dir)
	var differ []int
	for i, w := range wantTypes {
		got := m.file.canon(haveTypes[i], a)
		if got == want.canon(w) || got == streamAlias(h, name) {
			continue
		}
		if !replaceable(haveTypes[i], w) {
			c.report(m, h, name)
			return
		}
		differ = append(differ, i)
	}
	if len(differ) == 0 {
		return
	}
	here, err := wanted(h, name, m.file.qualify)
	if err != nil {
		return
	}
	for _, i := range differ {
		c.replace(m.file, haveTypes[i], here.textOf(flat(here.typ)[i]))
	}
	c.tree.note(m.decl.Name.Pos(), fmt.Sprintf("the signature of %s follows its rpc; see whether its body still fits", name))
}

// replaceable reports whether both are pointers, or both instances of a generic
// type: a message for another, a stream for another.
func replaceable(have, want ast.Expr) bool {
	switch want.(type) {
	case *ast.StarExpr:
		_, ok := have.(*ast.StarExpr)
		return ok
	case *ast.IndexExpr, *ast.IndexListExpr:
		switch have.(type) {
		case *ast.IndexExpr, *ast.IndexListExpr:
			return true
		}
	}
	return false
}

// streamAlias returns the other name of a stream that the gRPC generator
// declares: …/chat/v1.Chat_WatchServer.
func streamAlias(h *model.Handler, name string) string {
	return h.Proto.ImportPath + "." + h.Service.Name + "_" + name + "Server"
}

// report notes that m has another shape than its rpc.
func (c *completion) report(m method, h *model.Handler, name string) {
	params, results := h.Signature(name, func(_, pkg string) string { return pkg })
	c.tree.note(m.decl.Name.Pos(), fmt.Sprintf("%s does not fit %s.%s: make it func(%s) %s", name, h.Service.FullName, name, params, results))
}

// flat returns the types of the parameters and results, one for each.
func flat(t *ast.FuncType) []ast.Expr {
	var out []ast.Expr
	for _, list := range []*ast.FieldList{t.Params, t.Results} {
		if list == nil {
			continue
		}
		for _, field := range list.List {
			for range max(1, len(field.Names)) {
				out = append(out, field.Type)
			}
		}
	}
	return out
}
