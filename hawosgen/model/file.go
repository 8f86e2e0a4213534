package model

import (
	"path"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/hawosgen/schema"
)

// File is the hawos part of one proto file's Go package.
type File struct {
	Source   string // chat/v1/chat.proto
	Dir      string // folder of the package in the project: gen/chat/v1
	Base     string // what the generated files' names begin with: chat
	Package  string // chatv1
	Imports  *Imports
	Services []*Service
	Pushes   []*Push
	Errors   []*ErrorEnum
}

// locals are the parameters and variables of generated functions.
var locals = []string{"r", "h", "s", "m", "c", "f", "in", "out", "to", "ctx", "err"}

func (b *builder) file(f *schema.File) *File {
	file := &File{
		Source:  f.Path,
		Dir:     f.Go.Dir,
		Base:    strings.TrimSuffix(path.Base(f.Path), ".proto"),
		Package: f.Go.Name,
		Imports: newImports(b.module, f.Go.Dir, locals...),
	}
	// What the template names itself comes first and keeps its name.
	file.Imports.use(runtime("route"))
	services := slices.DeleteFunc(slices.Clone(b.schema.Services), func(s *schema.Service) bool { return s.File != f })
	pushes := slices.DeleteFunc(slices.Clone(b.schema.Pushes), func(p *schema.Push) bool { return p.File != f })
	b.fixedImports(file, services, len(pushes) > 0)
	for _, s := range services {
		file.Services = append(file.Services, b.service(file, s))
	}
	for _, p := range pushes {
		file.Pushes = append(file.Pushes, b.push(file, p))
	}
	for _, e := range b.schema.Errors {
		if e.File == f && len(e.Values) > 0 {
			file.Errors = append(file.Errors, b.errorEnum(file, e))
		}
	}
	return file
}

// fixedImports takes in the packages that the templates name by themselves.
func (b *builder) fixedImports(file *File, services []*schema.Service, pushes bool) {
	called := slices.ContainsFunc(services, hasIDs)
	if len(services) > 0 {
		file.Imports.use(runtime("link"))
	}
	if called || pushes {
		file.Imports.use("context")
		file.Imports.use(runtime("wsc"))
	}
	if pushes {
		file.Imports.use(runtime("push"))
	}
}

// Path returns the file's path in the project.
func (f *File) Path() string { return path.Join(f.Dir, f.Base+".hawos.go") }

// hasContent reports whether there is anything to write.
func (f *File) hasContent() bool {
	return len(f.Services)+len(f.Pushes)+len(f.Errors) > 0
}

// messageType returns the message as the file writes its type.
func (b *builder) messageType(file *File, d protoreflect.MessageDescriptor) string {
	return b.qualified(file.Imports, d)
}

// qualified returns a message's Go type as a file with the imports writes it.
func (b *builder) qualified(in *Imports, d protoreflect.MessageDescriptor) string {
	of := b.schema.FileOf(d)
	return in.qualify(of.Go.ImportPath, of.Go.Name, schema.GoName(d))
}

func hasIDs(s *schema.Service) bool {
	return slices.ContainsFunc(s.Methods, func(m *schema.Method) bool { return m.ID != 0 })
}
