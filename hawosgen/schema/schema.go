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

// Fault returns a fault at a place in the schema's files, with the source's line
// there.
func (s *Schema) Fault(pos Pos, text, remedy string, also ...Note) Fault {
	return s.src.fault(pos, text, remedy, also...)
}

// FreeID returns the lowest protocol ID of r that neither the schema nor
// Config.Locked has. It reports false where r is full.
func (s *Schema) FreeID(r Range) (uint32, bool) {
	return s.ids.free(r, r.Low, s.src.config.Locked)
}

// FreeNear names, for a remedy, a free ID to take in place of the one that an rpc
// or a push has: "the next in 2000-2999 is 2003".
func (s *Schema) FreeNear(id uint32) string {
	return s.ids.propose(id, s.src.config.Locked)
}
