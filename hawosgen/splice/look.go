package splice

import (
	"cmp"
	"fmt"
	"go/ast"
	"path"
	"slices"
	"strings"

	"github.com/hawos/hawos/hawosgen/model"
)

// Method is one method of a handler's type, as the user has it.
type Method struct {
	Name  string // in Go: Send
	Place string // file:line
	// Stub says that it still answers with errcode.NotWritten alone.
	Stub bool
	// Answers says that it has the shape of an rpc's method, with messages of the
	// generated packages.
	Answers bool
}

// Methods returns the methods of the type that implements h, by place; gen is
// the import path of the generated packages. It reports false where there is no
// such type.
func (t *Tree) Methods(h *model.Handler, gen string) ([]Method, bool) {
	decl, ok := t.find(h)
	if !ok {
		return nil, false
	}
	var out []Method
	dir := path.Dir(decl.file.path)
	for name, all := range t.methodSet(dir, decl.name, map[string]bool{}) {
		for _, m := range all {
			at := t.fset.Position(m.decl.Name.Pos())
			out = append(out, Method{
				Name:    name,
				Place:   fmt.Sprintf("%s:%d", at.Filename, at.Line),
				Stub:    isStub(m.decl.Body),
				Answers: m.answers(t.aliasesOf(path.Dir(m.file.path)), gen),
			})
		}
	}
	slices.SortFunc(out, func(a, b Method) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Place, b.Place)) })
	return out, true
}

// isStub reports whether a body only returns errcode.NotWritten(…).
func isStub(body *ast.BlockStmt) bool {
	if body == nil || len(body.List) != 1 {
		return false
	}
	ret, ok := body.List[0].(*ast.ReturnStmt)
	if !ok || len(ret.Results) == 0 {
		return false
	}
	call, ok := ret.Results[len(ret.Results)-1].(*ast.CallExpr)
	if !ok {
		return false
	}
	sel, ok := call.Fun.(*ast.SelectorExpr)
	return ok && sel.Sel.Name == "NotWritten"
}

// answers reports whether a method has the shape of a unary rpc's.
func (m method) answers(a aliases, gen string) bool {
	types := flat(m.decl.Type)
	if !m.decl.Name.IsExported() || len(types) != 4 || m.decl.Type.Results.NumFields() != 2 {
		return false
	}
	message := func(e ast.Expr) bool {
		return strings.HasPrefix(m.file.canon(e, a), "*"+gen+"/")
	}
	return m.file.canon(types[0], a) == "context.Context" && message(types[1]) && message(types[2])
}
