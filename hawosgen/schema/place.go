package schema

import (
	"unicode/utf8"

	"github.com/bufbuild/protocompile/ast"
	"github.com/jhump/protoreflect/v2/sourceloc"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// fault returns a fault at pos with the source's line.
func (s *Sources) fault(pos Pos, text, remedy string, also ...Note) Fault {
	f := Fault{Pos: pos, Text: text, Remedy: remedy, Also: also}
	if src := s.byPath[pos.File]; src != nil && pos.Line > 0 {
		f.Source = src.line(pos.Line)
	}
	return f
}

// node returns the place of a node of a syntax tree.
func (s *Sources) node(tree *ast.FileNode, n ast.Node) Pos {
	return s.source(tree.NodeInfo(n).Start())
}

// source returns the place that the compiler names.
func (s *Sources) source(p ast.SourcePos) Pos {
	return s.place(p.Filename, p.Line, p.Col)
}

// place returns a place from protobuf's line and column, both from 1: there a
// tab goes to the next multiple of 8 and other characters count one each.
func (s *Sources) place(file string, line, col int) Pos {
	src := s.byPath[file]
	if src == nil {
		return Pos{File: file, Line: max(line, 0), Col: max(col, 0)}
	}
	if line <= 0 {
		return s.at(src, 0, 0)
	}
	text, at, bytes := src.line(line), 1, 0
	for bytes < len(text) && at < col {
		_, size := utf8.DecodeRuneInString(text[bytes:])
		if text[bytes] == '\t' {
			at += 8 - (at-1)%8
		} else {
			at++
		}
		bytes += size
	}
	return s.at(src, line, bytes+1)
}

// nameTag is the field "name" in every descriptor of protobuf.
const nameTag = 1

// name returns the place of d's name; a file has none but itself.
func (s *Sources) name(d protoreflect.Descriptor) Pos {
	if f, ok := d.(protoreflect.FileDescriptor); ok {
		return s.place(f.Path(), 0, 0)
	}
	locations := d.ParentFile().SourceLocations()
	loc := locations.ByPath(append(sourceloc.PathFor(d), nameTag))
	if sourceloc.IsZero(loc) {
		loc = locations.ByDescriptor(d)
	}
	return s.place(d.ParentFile().Path(), loc.StartLine+1, loc.StartColumn+1)
}

// option returns the place of an option of d: of the field in it that the last
// numbers name, else of the option, else of d's name.
func (s *Sources) option(d protoreflect.Descriptor, numbers ...protoreflect.FieldNumber) Pos {
	at := append(sourceloc.PathFor(d), optionsTag(d))
	least := len(at)
	for _, n := range numbers {
		at = append(at, int32(n))
	}
	for ; len(at) > least; at = at[:len(at)-1] {
		if loc := firstWithin(d.ParentFile().SourceLocations(), at); !sourceloc.IsZero(loc) {
			return s.place(d.ParentFile().Path(), loc.StartLine+1, loc.StartColumn+1)
		}
	}
	return s.name(d)
}

// firstWithin returns the location of the path, else, as for an option that is
// only given field by field, the first one below it.
func firstWithin(locations protoreflect.SourceLocations, path protoreflect.SourcePath) protoreflect.SourceLocation {
	if loc := locations.ByPath(path); !sourceloc.IsZero(loc) {
		return loc
	}
	for i := range locations.Len() {
		if loc := locations.Get(i); sourceloc.IsSubpathOf(loc.Path, path) {
			return loc
		}
	}
	return protoreflect.SourceLocation{}
}

// optionsTag is the field "options" in d's descriptor.
func optionsTag(d protoreflect.Descriptor) int32 {
	switch d.(type) {
	case protoreflect.FileDescriptor, protoreflect.FieldDescriptor:
		return 8
	case protoreflect.MessageDescriptor:
		return 7
	case protoreflect.MethodDescriptor:
		return 4
	default: // services, enums and their values
		return 3
	}
}

// imported returns the place of the i-th import of f.
func (s *Sources) imported(f protoreflect.FileDescriptor, i int) Pos {
	const dependencies = 3
	loc := f.SourceLocations().ByPath(protoreflect.SourcePath{dependencies, int32(i)})
	return s.place(f.Path(), loc.StartLine+1, loc.StartColumn+1)
}
