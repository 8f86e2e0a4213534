package schema

import (
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"
)

// File returns the file of the given path; nil where the schema has none.
func (s *Schema) File(path string) *File { return s.byPath[path] }

// FileOf returns the file that declares d, of the project or imported.
func (s *Schema) FileOf(d protoreflect.Descriptor) *File {
	return s.byPath[d.ParentFile().Path()]
}

// Owned returns the project's own files, in the order of Files.
func (s *Schema) Owned() []*File {
	var out []*File
	for _, f := range s.Files {
		if f.Owned {
			out = append(out, f)
		}
	}
	return out
}

// Protos returns what protobuf's plugins read: all files, each after those that
// it imports.
func (s *Schema) Protos() []*descriptorpb.FileDescriptorProto {
	out := make([]*descriptorpb.FileDescriptorProto, len(s.Files))
	for i, f := range s.Files {
		out[i] = f.Proto
	}
	return out
}

// GoPackages maps each file's path to its Go package as plugins take it by their
// parameter M: "importpath;name".
func (s *Schema) GoPackages() map[string]string {
	out := make(map[string]string, len(s.Files))
	for _, f := range s.Files {
		out[f.Path] = f.Go.ImportPath + ";" + f.Go.Name
	}
	return out
}
