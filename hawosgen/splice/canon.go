package splice

import (
	"go/ast"
	"go/doc"
	"path"
	"strconv"
	"strings"
)

// aliases are a package's own names for types: type Req = chatv1.JoinRequest.
type aliases map[string]aliased

type aliased struct {
	file *file
	expr ast.Expr
}

// aliasesOf returns the aliases that the package in a folder declares.
func (t *Tree) aliasesOf(dir string) aliases {
	out := aliases{}
	for _, f := range t.files {
		if path.Dir(f.path) != dir {
			continue
		}
		for _, s := range f.types() {
			if s.spec.Assign.IsValid() {
				out[s.spec.Name.Name] = aliased{f, s.spec.Type}
			}
		}
	}
	return out
}

// canon returns a type with each package by its path, so that two types are
// equal exactly when their texts are: *example.com/demo/gen/chat/v1.JoinRequest.
// Expressions that no handler's signature has are "?".
func (f *file) canon(e ast.Expr, a aliases) string {
	return canon(e, func(pkg, name string) string {
		if pkg == "" {
			if to, ok := a[name]; ok {
				return to.file.canon(to.expr, nil)
			}
			if doc.IsPredeclared(name) {
				return name
			}
			if p := f.dotImport(); p != "" {
				return p + "." + name
			}
			return "." + name
		}
		if p, ok := f.imports()[pkg]; ok {
			return p + "." + name
		}
		return "?"
	})
}

// dotImport returns the path of the generated package that the file imports by a
// dot; empty for none.
func (f *file) dotImport() string {
	for _, s := range f.ast.Imports {
		p, err := strconv.Unquote(s.Path.Value)
		if _, known := f.known[p]; err == nil && known && s.Name != nil && s.Name.Name == "." {
			return p
		}
	}
	return ""
}

func canon(e ast.Expr, resolve func(pkg, name string) string) string {
	switch e := e.(type) {
	case *ast.Ident:
		return resolve("", e.Name)
	case *ast.SelectorExpr:
		if x, ok := e.X.(*ast.Ident); ok {
			return resolve(x.Name, e.Sel.Name)
		}
	case *ast.StarExpr:
		return "*" + canon(e.X, resolve)
	case *ast.ParenExpr:
		return canon(e.X, resolve)
	case *ast.IndexExpr:
		return canon(e.X, resolve) + "[" + canon(e.Index, resolve) + "]"
	case *ast.IndexListExpr:
		args := make([]string, len(e.Indices))
		for i, x := range e.Indices {
			args[i] = canon(x, resolve)
		}
		return canon(e.X, resolve) + "[" + strings.Join(args, ", ") + "]"
	}
	return "?"
}
