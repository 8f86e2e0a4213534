package schema_test

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/hawosgen/memo"
	"github.com/hawos/hawos/hawosgen/schema"
)

// TestKeptFilesChangeNothing compiles each folder of testdata with what earlier
// runs kept, and without: both must tell the same, whichever file has changed in
// between.
func TestKeptFilesChangeNothing(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join("testdata", "*", "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			c := config(t, dir)
			c.Dir = t.TempDir()
			if err := os.CopyFS(c.Dir, os.DirFS(dir)); err != nil {
				t.Fatal(err)
			}
			cache := t.TempDir()
			keepSound(t, c, cache)
			sameKept(t, c, cache)
			for _, name := range protos(t, c.Dir) {
				text, err := os.ReadFile(name)
				if err != nil {
					t.Fatal(err)
				}
				writeText(t, name, append(bytes.Clone(text), "\n// one more line\n"...))
				sameKept(t, c, cache)
				writeText(t, name, text)
				sameKept(t, c, cache)
			}
		})
	}
}

// keepSound compiles what is left of a project without the files that have
// faults, so that there is something kept of the others.
func keepSound(t *testing.T, c schema.Config, cache string) {
	t.Helper()
	c.Dir = copyOf(t, c.Dir)
	for {
		_, faults := compileKept(t, c, cache)
		before := len(protos(t, c.Dir))
		for _, f := range faults {
			for _, root := range c.Roots {
				_ = os.Remove(filepath.Join(c.Dir, root, f.Pos.File))
			}
		}
		if len(protos(t, c.Dir)) == before {
			return
		}
	}
}

// sameKept compares a compilation with what is kept to one of all.
func sameKept(t *testing.T, c schema.Config, cache string) {
	t.Helper()
	got, gotFaults := compileKept(t, c, cache)
	want, wantFaults := schema.Compile(t.Context(), c)
	if gotFaults.Format() != wantFaults.Format() {
		t.Fatalf("with what is kept:\n%s\nwithout:\n%s", gotFaults.Format(), wantFaults.Format())
	}
	if want == nil {
		return
	}
	if got.Warnings.Format() != want.Warnings.Format() {
		t.Errorf("warnings with what is kept:\n%s\nwithout:\n%s", got.Warnings.Format(), want.Warnings.Format())
	}
	if summary(got) != summary(want) {
		t.Errorf("with what is kept:\n%s\nwithout:\n%s", summary(got), summary(want))
	}
	if len(got.Files) != len(want.Files) {
		t.Fatalf("%d files with what is kept, %d without", len(got.Files), len(want.Files))
	}
	for i, f := range want.Files {
		if g := got.Files[i]; g.Path != f.Path || !bytes.Equal(encoded(t, g.Proto), encoded(t, f.Proto)) {
			t.Errorf("%s is %s with what is kept, or another descriptor", f.Path, g.Path)
		}
	}
}

func TestKeptFilesAreNotCompiled(t *testing.T) {
	c := write(t, map[string]string{
		"protos/a.proto": "syntax = \"proto3\";\npackage a;\nmessage Before {}\n",
		"protos/b.proto": "syntax = \"proto3\";\npackage b;\nimport \"a.proto\";\nmessage B { a.Before a = 1; }\n",
		"protos/c.proto": "syntax = \"proto3\";\npackage c;\nmessage C {}\n",
	})
	cache := t.TempDir()
	if _, faults := compileKept(t, c, cache); len(faults) > 0 {
		t.Fatal(faults)
	}
	kept := memo.OpenFolder(cache, []byte("tool"))
	data := kept.Load("c.proto")
	if data == nil {
		t.Fatal("nothing is kept of c.proto")
	}
	kept.Store("c.proto", bytes.Replace(data, []byte("\n\x01C"), []byte("\n\x01D"), 1))
	kept.Load("a.proto")
	kept.Load("b.proto")
	if err := kept.Save(); err != nil {
		t.Fatal(err)
	}
	s, faults := compileKept(t, c, cache)
	if faults != nil || s.Find("c.D") == nil {
		t.Fatalf("got %v; c.proto was compiled again", faults)
	}
	// What imports a changed file is compiled again, though it has not changed.
	name := filepath.Join(c.Dir, "protos", "a.proto")
	writeText(t, name, []byte("syntax = \"proto3\";\npackage a;\nenum Before { ZERO = 0; }\n"))
	s, faults = compileKept(t, c, cache)
	if faults != nil {
		t.Fatal(faults)
	}
	for _, f := range s.Files {
		if f.Path == "b.proto" && f.Desc.Messages().Get(0).Fields().Get(0).Enum() == nil {
			t.Error("b.proto still takes a.Before for a message")
		}
	}
}

func TestWarningsOfKeptFilesAreToldAgain(t *testing.T) {
	c := write(t, map[string]string{
		"protos/a.proto": "syntax = \"proto3\";\npackage a;\nimport \"google/protobuf/empty.proto\";\nmessage A {}\n",
		"protos/b.proto": "syntax = \"proto3\";\npackage b;\nmessage B {}\n",
	})
	cache := t.TempDir()
	for range 2 {
		s, faults := compileKept(t, c, cache)
		if faults != nil || len(s.Warnings) != 1 {
			t.Fatalf("got %v and %v, want a warning of the unused import", faults, s)
		}
	}
}

// compileKept compiles with what earlier calls kept in cache, and keeps more.
func compileKept(t *testing.T, c schema.Config, cache string) (*schema.Schema, schema.Faults) {
	t.Helper()
	c.Compiled = memo.OpenFolder(cache, []byte("tool"))
	s, faults := schema.Compile(t.Context(), c)
	if faults == nil {
		if err := c.Compiled.Save(); err != nil {
			t.Fatal(err)
		}
	}
	return s, faults
}

// protos returns the .proto files below dir.
func protos(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(dir, func(name string, _ os.DirEntry, err error) error {
		if filepath.Ext(name) == ".proto" {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return slices.Sorted(slices.Values(names))
}

func copyOf(t *testing.T, dir string) string {
	t.Helper()
	to := t.TempDir()
	if err := os.CopyFS(to, os.DirFS(dir)); err != nil {
		t.Fatal(err)
	}
	return to
}

func writeText(t *testing.T, name string, text []byte) {
	t.Helper()
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func encoded(t *testing.T, m proto.Message) []byte {
	t.Helper()
	text, err := proto.MarshalOptions{AllowPartial: true, Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
