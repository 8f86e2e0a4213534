package schema

import (
	"bytes"
	"slices"

	"github.com/bufbuild/protocompile/ast"
	"github.com/jhump/protoreflect/v2/protoresolve"
	"github.com/jhump/protoreflect/v2/sourceloc"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// File returns the file of the given path; nil where the sources have none.
func (s *Sources) File(path string) *Source { return s.byPath[path] }

// Tree parses one file. The tree has all tokens and comments with their places
// in File(path).Text. Either the tree or the faults are nil.
func (s *Sources) Tree(path string) (*ast.FileNode, Faults) {
	p, faults := s.parseFile(s.byPath[path])
	if len(faults) > 0 {
		return nil, faults.Sorted()
	}
	return p.tree, nil
}

// With returns the sources with other texts of some files, by path; s stays as
// it is. Paths that s does not have are passed over.
func (s *Sources) With(texts map[string][]byte) *Sources {
	out := &Sources{Files: slices.Clone(s.Files), config: s.config, byPath: map[string]*Source{}}
	for i := range out.Files {
		f := &out.Files[i]
		if text, ok := texts[f.Path]; ok && !bytes.Equal(text, f.Text) {
			f.Text, f.starts = text, lineStarts(text)
		}
		out.byPath[f.Path] = f
	}
	return out
}

// Text returns the text of a file below the roots; nil of one that comes with
// hawosgen. The caller does not change it.
func (s *Schema) Text(file string) []byte {
	if f := s.src.byPath[file]; f != nil {
		return f.Text
	}
	return nil
}

// Line returns a line of a file of the project, from 1, without its end; empty
// where there is none.
func (s *Schema) Line(file string, n int) string {
	if f := s.src.byPath[file]; f != nil {
		return f.line(n)
	}
	return ""
}

// Place returns where d stands: the part of it that tags name, as fields of its
// descriptor do in descriptor.proto, else its name.
func (s *Schema) Place(d protoreflect.Descriptor, tags ...int32) Pos {
	if len(tags) > 0 {
		loc := d.ParentFile().SourceLocations().ByPath(append(sourceloc.PathFor(d), tags...))
		if !sourceloc.IsZero(loc) {
			return s.src.place(d.ParentFile().Path(), loc.StartLine+1, loc.StartColumn+1)
		}
	}
	return s.src.name(d)
}

// Find returns what the project's files declare under a full name; nil where
// they do not.
func (s *Schema) Find(name protoreflect.FullName) protoreflect.Descriptor {
	for _, f := range s.Owned() {
		if d := protoresolve.FindDescriptorByNameInFile(f.Desc, name); d != nil {
			return d
		}
	}
	return nil
}

// Doc returns the comment of d as plain text; empty where it has none.
func (s *Schema) Doc(d protoreflect.Descriptor) string { return docOf(d) }

// NextID returns the protocol ID to give the next rpc of svc: the first free one
// behind those that its rpcs have, in its range, else in the thousand around
// them. It reports false where there is none free, or nothing to go by.
func (s *Schema) NextID(svc *Service) (uint32, bool) {
	var last uint32
	for _, m := range svc.Methods {
		last = max(last, m.ID)
	}
	return s.next(svc.IDs, last)
}

// NextPushID is NextID for the pushes that svc announces.
func (s *Schema) NextPushID(svc *Service) (uint32, bool) {
	var last uint32
	for _, p := range svc.Pushes {
		last = max(last, p.ID)
	}
	if last == 0 {
		return s.NextID(svc)
	}
	return s.next(svc.IDs, last)
}

// next returns the first free ID of r behind last.
func (s *Schema) next(r Range, last uint32) (uint32, bool) {
	switch {
	case r.IsZero() && last == 0:
		return 0, false
	case r.IsZero():
		r = around1000(last)
	case last == 0 && r.High > r.Low:
		last = r.Low // as hawosgen new service begins: 2001
	}
	return s.ids.free(r, min(last, lastID-1)+1, s.src.config.Locked)
}
