package schema

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// goNames refuses names that the official generators would declare twice.
func (c *checker) goNames() {
	packages := map[string]*goScope{}
	for _, f := range c.owned() {
		scope := packages[f.Go.ImportPath]
		if scope == nil {
			scope = &goScope{c: c, declared: map[string]protoreflect.Descriptor{}}
			packages[f.Go.ImportPath] = scope
		}
		scope.file(f)
	}
}

// goScope are the names that the generators declare in one Go package.
type goScope struct {
	c        *checker
	declared map[string]protoreflect.Descriptor
}

// declare takes in a name, and refuses it where another has it.
func (s *goScope) declare(name string, d protoreflect.Descriptor) {
	first, twice := s.declared[name]
	if !twice {
		s.declared[name] = d
		return
	}
	if first == d {
		return
	}
	s.c.fault(s.c.src.name(d), fmt.Sprintf("%s and %s are both %s in Go", describe(first), describe(d), name),
		"rename one of them", Note{Text: "the other one", Pos: s.c.src.name(first)})
}

// describe names d with its kind: message chat.v1.Room.
func describe(d protoreflect.Descriptor) string {
	name := string(d.FullName())
	switch d := d.(type) {
	case protoreflect.FileDescriptor:
		return "file " + d.Path()
	case protoreflect.MessageDescriptor:
		return "message " + name
	case protoreflect.EnumDescriptor:
		return "enum " + name
	case protoreflect.EnumValueDescriptor:
		return "value " + qualified(d)
	case protoreflect.ServiceDescriptor:
		return "service " + name
	case protoreflect.MethodDescriptor:
		return "rpc " + name
	case protoreflect.FieldDescriptor:
		return "field " + name
	}
	return name
}

func (s *goScope) file(f *File) {
	s.declare("File_"+fileIdent(f.Path), f.Desc)
	s.enums(f.Desc)
	everyMessage(f.Desc, s.message)
	s.extensions(f.Desc, "")
	for i := range f.Desc.Services().Len() {
		s.service(f.Desc.Services().Get(i))
	}
}

// fileIdent returns a file's path as protoc-gen-go makes an identifier of it.
func fileIdent(path string) string {
	return strings.Map(func(r rune) rune {
		if r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' {
			return r
		}
		return '_'
	}, path)
}

func (s *goScope) message(m protoreflect.MessageDescriptor) {
	if m.IsMapEntry() {
		return
	}
	s.declare(GoName(m), m)
	s.enums(m)
	s.extensions(m, GoName(m)+"_")
	for i := range m.Fields().Len() {
		s.field(m, m.Fields().Get(i))
	}
}

// field takes in the type that wraps a member of a oneof, and the default of a
// field that has one.
func (s *goScope) field(m protoreflect.MessageDescriptor, f protoreflect.FieldDescriptor) {
	name := GoName(m) + "_" + GoCamel(string(f.Name()))
	if o := f.ContainingOneof(); o != nil && !o.IsSynthetic() && !nestedIn(m, name) {
		s.declare(name, f)
	}
	if f.HasDefault() {
		s.declare("Default_"+name, f)
	}
}

// nestedIn reports whether a message or enum in m has the Go name; then
// protoc-gen-go gives way.
func nestedIn(m protoreflect.MessageDescriptor, name string) bool {
	for i := range m.Messages().Len() {
		if GoName(m.Messages().Get(i)) == name {
			return true
		}
	}
	for i := range m.Enums().Len() {
		if GoName(m.Enums().Get(i)) == name {
			return true
		}
	}
	return false
}

func (s *goScope) enums(in interface {
	Enums() protoreflect.EnumDescriptors
}) {
	for i := range in.Enums().Len() {
		e := in.Enums().Get(i)
		s.declare(GoName(e), e)
		s.declare(GoName(e)+"_name", e)
		s.declare(GoName(e)+"_value", e)
		for j := range e.Values().Len() {
			s.declare(GoValueName(e.Values().Get(j)), e.Values().Get(j))
		}
	}
}

func (s *goScope) extensions(in interface {
	Extensions() protoreflect.ExtensionDescriptors
}, prefix string) {
	for i := range in.Extensions().Len() {
		x := in.Extensions().Get(i)
		s.declare("E_"+prefix+GoCamel(string(x.Name())), x)
	}
}

func (s *goScope) service(d protoreflect.ServiceDescriptor) {
	name := GoName(d)
	for _, n := range []string{name + "Client", "New" + name + "Client", name + "Server", "Register" + name + "Server", "Unimplemented" + name + "Server", "Unsafe" + name + "Server", name + "_ServiceDesc"} {
		s.declare(n, d)
	}
	for i := range d.Methods().Len() {
		m := d.Methods().Get(i)
		s.declare(name+"_"+GoName(m)+"_FullMethodName", m)
		if m.IsStreamingClient() || m.IsStreamingServer() {
			s.declare(name+"_"+GoName(m)+"Client", m)
			s.declare(name+"_"+GoName(m)+"Server", m)
		}
	}
}
