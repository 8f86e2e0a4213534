package schema_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hawos/hawos/hawosgen/schema"
)

// FuzzCompile looks for texts at which the compiler panics, neither succeeds nor
// says why, or names a place outside the file.
func FuzzCompile(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "*", "*", "protos", "*", "*", "*.proto"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(string(text))
	}
	f.Add("\xff\xfe")
	f.Add("syntax = \"proto3\"; import \"x.proto\"; import \"hawos/options.proto\";")
	f.Fuzz(func(t *testing.T, text string) {
		s, faults := schema.Compile(t.Context(), write(t, map[string]string{"protos/x.proto": text}))
		if (s == nil) != (len(faults) > 0) {
			t.Fatalf("got schema %v and faults %v", s, faults)
		}
		for _, fault := range faults {
			if fault.Pos.File != "x.proto" || fault.Text == "" {
				t.Errorf("fault without place or text: %q", fault.Format())
			}
			if fault.Pos.Col > len(fault.Source)+1 {
				t.Errorf("column %d is outside the line %q", fault.Pos.Col, fault.Source)
			}
		}
	})
}
