package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/bufbuild/protocompile/ast"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
)

// declared is a message or enum that an unknown type may have meant.
type declared struct {
	name string // full
	file string
}

// whereIsType says what may have been meant by a type that is not known.
func (r *report) whereIsType(file, name string) string {
	short := name[strings.LastIndexByte(name, '.')+1:]
	var near declared
	least := 3 // letters apart
	for _, d := range r.types() {
		last := d.name[strings.LastIndexByte(d.name, '.')+1:]
		if last == short && d.file != file {
			return fmt.Sprintf("add import %q; and write %s", d.file, d.name)
		}
		if apart := distance(last, short); apart < least && apart < len(short) {
			near, least = d, apart
		}
	}
	switch {
	case near.name == "":
		return "declare it, or import the file that does"
	case near.file == file || near.file == "":
		return fmt.Sprintf("was %s meant?", near.name)
	}
	return fmt.Sprintf("was %s of %q meant?", near.name, near.file)
}

// types returns the types of the project's files, then protobuf's own.
func (r *report) types() []declared {
	var out []declared
	for _, p := range r.files {
		if p.tree == nil {
			continue
		}
		scope := ""
		for _, d := range p.tree.Decls {
			if pkg, ok := d.(*ast.PackageNode); ok {
				scope = string(pkg.Name.AsIdentifier()) + "."
			}
		}
		for _, d := range p.tree.Decls {
			out = appendTypes(out, p.src.Path, scope, d)
		}
	}
	for _, k := range []string{"string", "bytes", "bool", "double", "float", "int32", "int64", "uint32", "uint64", "sint32", "sint64", "fixed32", "fixed64", "sfixed32", "sfixed64"} {
		out = append(out, declared{name: k})
	}
	start := len(out)
	protoregistry.GlobalFiles.RangeFilesByPackage("google.protobuf", func(f protoreflect.FileDescriptor) bool {
		if provided(f.Path()) && f.Path() != "google/protobuf/descriptor.proto" {
			for i := range f.Messages().Len() {
				out = append(out, declared{name: string(f.Messages().Get(i).FullName()), file: f.Path()})
			}
		}
		return true
	})
	slices.SortFunc(out[start:], func(a, b declared) int { return cmp.Compare(a.name, b.name) })
	return out
}

// appendTypes appends the message or enum that a declaration is, and those in it.
func appendTypes(out []declared, file, scope string, d ast.Node) []declared {
	switch d := d.(type) {
	case *ast.EnumNode:
		return append(out, declared{name: scope + d.Name.Val, file: file})
	case *ast.MessageNode:
		out = append(out, declared{name: scope + d.Name.Val, file: file})
		for _, in := range d.Decls {
			out = appendTypes(out, file, scope+d.Name.Val+".", in)
		}
	}
	return out
}

// distance returns how many letters must be added, removed, changed or swapped
// with their neighbour to make b of a. (Optimal string alignment.)
func distance(a, b string) int {
	rows := make([][]int, len(a)+1)
	for i := range rows {
		rows[i] = make([]int, len(b)+1)
		rows[i][0] = i
	}
	for j := range rows[0] {
		rows[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			change := rows[i-1][j-1]
			if a[i-1] != b[j-1] {
				change++
			}
			rows[i][j] = min(rows[i-1][j]+1, rows[i][j-1]+1, change)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				rows[i][j] = min(rows[i][j], rows[i-2][j-2]+1)
			}
		}
	}
	return rows[len(a)][len(b)]
}
