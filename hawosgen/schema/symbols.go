package schema

import (
	"fmt"
	"strings"

	"github.com/bufbuild/protocompile/ast"
)

// checkSymbols finds names that files declare twice, and marks those files as bad:
// of two files the compiler would report the one that it happens to come to
// later, and nothing else of it.
func (s *Sources) checkSymbols(files []*parsed) Faults {
	var faults Faults
	first := map[string]symbol{}
	for _, p := range files {
		if p.tree == nil {
			continue
		}
		pkg, declared := symbolsOf(p)
		for _, d := range declared {
			f, twice := first[d.name]
			if !twice {
				first[d.name] = d
				continue
			}
			f.in.bad, p.bad = true, true
			faults = append(faults, s.fault(d.pos(s), fmt.Sprintf("%q is defined twice", d.name), changeOne,
				Note{Text: "first defined here", Pos: f.pos(s)}))
		}
		p.pkg = pkg
	}
	for _, p := range files {
		for name := p.pkg; name != ""; name = name[:max(0, strings.LastIndexByte(name, '.'))] {
			d, clash := first[name]
			if !clash {
				continue
			}
			d.in.bad, p.bad = true, true
			faults = append(faults, s.fault(d.pos(s), fmt.Sprintf("%q is defined here and is a package as well", name), "rename one of the two",
				Note{Text: "a file of the package", Pos: s.at(p.src, 0, 0)}))
		}
	}
	return faults
}

// symbol is a name that a file declares in its package.
type symbol struct {
	name string // full
	in   *parsed
	node ast.Node
}

func (d symbol) pos(s *Sources) Pos { return s.node(d.in.tree, d.node) }

// symbolsOf returns a file's package and the names that it declares there.
func symbolsOf(p *parsed) (pkg string, declared []symbol) {
	for _, d := range p.tree.Decls {
		if n, ok := d.(*ast.PackageNode); ok {
			pkg = string(n.Name.AsIdentifier())
		}
	}
	add := func(n *ast.IdentNode) {
		declared = append(declared, symbol{name: strings.TrimPrefix(pkg+"."+n.Val, "."), in: p, node: n})
	}
	for _, d := range p.tree.Decls {
		switch d := d.(type) {
		case *ast.MessageNode:
			add(d.Name)
		case *ast.ServiceNode:
			add(d.Name)
		case *ast.EnumNode:
			add(d.Name)
			for _, in := range d.Decls {
				if v, ok := in.(*ast.EnumValueNode); ok { // in the scope around its enum
					add(v.Name)
				}
			}
		case *ast.ExtendNode:
			for _, in := range d.Decls {
				if f, ok := in.(*ast.FieldNode); ok {
					add(f.Name)
				}
			}
		}
	}
	return pkg, declared
}
