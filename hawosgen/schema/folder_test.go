package schema_test

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/hawosgen/schema"
)

var update = flag.Bool("update", false, "write want.txt anew")

// TestFolders compiles each folder of testdata and compares what comes out with
// its want.txt: the faults of a bad schema as a user reads them, a summary of a
// good one. Each folder in a case is a root.
func TestFolders(t *testing.T) {
	for _, kind := range []string{"bad", "good"} {
		dirs, err := filepath.Glob(filepath.Join("testdata", kind, "*"))
		if err != nil || len(dirs) == 0 {
			t.Fatalf("no cases of kind %s: %v", kind, err)
		}
		for _, dir := range dirs {
			t.Run(kind+"/"+filepath.Base(dir), func(t *testing.T) {
				s, faults := schema.Compile(t.Context(), config(t, dir))
				got := faults.Format()
				if kind == "good" && faults == nil {
					got = summary(s)
				}
				if (faults != nil) != (kind == "bad") || (s == nil) != (kind == "bad") {
					t.Errorf("got a schema: %v, faults:\n%s", s != nil, faults.Format())
				}
				compare(t, filepath.Join(dir, "want.txt"), got)
			})
		}
	}
}

// config makes each folder in dir a root.
func config(t *testing.T, dir string) schema.Config {
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	c := schema.Config{Dir: dir, Module: "example.com/demo", Out: "gen"}
	for _, e := range entries {
		if e.IsDir() {
			c.Roots = append(c.Roots, e.Name())
		}
	}
	return c
}

func compare(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s: got\n%s\nwant\n%s", file, got, want)
	}
}

// summary prints what the generator reads of a schema.
func summary(s *schema.Schema) string {
	var b strings.Builder
	for _, f := range s.Files {
		fmt.Fprintf(&b, "file %s root=%q owned=%v go=%s;%s dir=%q\n", f.Path, f.Root, f.Owned, f.Go.ImportPath, f.Go.Name, f.Go.Dir)
	}
	for _, svc := range s.Services {
		fmt.Fprintf(&b, "service %s at %s app=%s ids=%v balance=%d events=%v doc=%q\n", svc.Desc.FullName(), svc.Pos, svc.App, svc.IDs, svc.Balance, svc.Events, svc.Doc)
		for _, m := range svc.Methods {
			fmt.Fprintf(&b, "  rpc %s at %s (%s) (%s) id=%d at %s %+v key=%s doc=%q\n", m.Desc.Name(), m.Pos,
				schema.GoName(m.Desc.Input()), schema.GoName(m.Desc.Output()), m.ID, m.IDPos, m.Options, nameOf(m.Key), m.Doc)
		}
		for _, p := range svc.Pushes {
			fmt.Fprintf(&b, "  announces %s\n", p.Desc.FullName())
		}
	}
	for _, p := range s.Pushes {
		fmt.Fprintf(&b, "push %d %s at %s app=%q class=%d key=%s ttl=%v doc=%q\n", p.ID, p.Desc.FullName(), p.IDPos, p.App, p.Delivery.Class, nameOf(p.Delivery.Key), p.Delivery.TTL, p.Doc)
	}
	for _, e := range s.Errors {
		fmt.Fprintf(&b, "errors %s doc=%q\n", e.Desc.FullName(), e.Doc)
		for _, v := range e.Values {
			fmt.Fprintf(&b, "  %d %s at %s doc=%q\n", v.Code, schema.GoValueName(v.Desc), v.Pos, v.Doc)
		}
	}
	b.WriteString(s.Warnings.Format())
	return b.String()
}

func nameOf(f protoreflect.FieldDescriptor) string {
	if f == nil {
		return "-"
	}
	return string(f.Name())
}
