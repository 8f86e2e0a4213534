package schema_test

import (
	"path/filepath"
	"testing"

	"google.golang.org/protobuf/compiler/protogen"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/pluginpb"

	"github.com/hawos/hawos/hawosgen/schema"
)

// TestGoNamesAreThoseOfTheOfficialGenerator holds the names and packages that a
// schema tells against what protobuf's own library for generators makes of it.
func TestGoNamesAreThoseOfTheOfficialGenerator(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join("testdata", "good", "*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, dir := range dirs {
		s, faults := schema.Compile(t.Context(), config(t, dir))
		if faults != nil {
			t.Fatal(faults)
		}
		req := &pluginpb.CodeGeneratorRequest{ProtoFile: s.Protos(), Parameter: proto.String("paths=source_relative")}
		for path, pkg := range s.GoPackages() {
			*req.Parameter += ",M" + path + "=" + pkg
		}
		for _, f := range s.Owned() {
			req.FileToGenerate = append(req.FileToGenerate, f.Path)
		}
		gen, err := protogen.Options{}.New(req)
		if err != nil {
			t.Fatalf("%s: %v", dir, err)
		}
		for _, f := range gen.Files {
			mine := s.File(f.Desc.Path())
			if got := string(f.GoImportPath); got != mine.Go.ImportPath || string(f.GoPackageName) != mine.Go.Name {
				t.Errorf("%s: the generator has package %s %q, the schema %s %q", f.Desc.Path(), f.GoPackageName, got, mine.Go.Name, mine.Go.ImportPath)
			}
			names(t, f.Messages, f.Enums)
			for _, svc := range f.Services {
				same(t, schema.GoName(svc.Desc), svc.GoName)
				for _, m := range svc.Methods {
					same(t, schema.GoName(m.Desc), m.GoName)
				}
			}
		}
	}
}

func names(t *testing.T, messages []*protogen.Message, enums []*protogen.Enum) {
	t.Helper()
	for _, e := range enums {
		same(t, schema.GoName(e.Desc), e.GoIdent.GoName)
		for _, v := range e.Values {
			same(t, schema.GoValueName(v.Desc), v.GoIdent.GoName)
		}
	}
	for _, m := range messages {
		same(t, schema.GoName(m.Desc), m.GoIdent.GoName)
		for _, f := range m.Fields {
			same(t, schema.GoName(m.Desc)+"_"+schema.GoCamel(string(f.Desc.Name())), f.GoIdent.GoName)
		}
		names(t, m.Messages, m.Enums)
	}
}

func same(t *testing.T, got, want string) {
	t.Helper()
	if got != want {
		t.Errorf("got the Go name %s, want %s", got, want)
	}
}
