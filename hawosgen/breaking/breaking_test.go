package breaking_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hawos/hawos/hawosgen/breaking"
	"github.com/hawos/hawos/hawosgen/report"
	"github.com/hawos/hawos/hawosgen/schema"
)

var update = flag.Bool("update", false, "write what is found into testdata")

// TestCompare holds the file after of each archive against its file before.
func TestCompare(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	seen := map[string]bool{}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			before, after := compile(t, part(t, a, "before")), compile(t, part(t, a, "after"))
			found := breaking.Compare(before, after, func(p schema.Pos) schema.Pos { p.Root = "old"; return p })
			found = report.Keep(found, nil, after.Line)
			var b strings.Builder
			if err := report.Text.Write(&b, found, breaking.Rules(), false); err != nil {
				t.Fatal(err)
			}
			for _, f := range found {
				seen[f.Rule] = true
				if len(f.Also) != 1 || f.Also[0].Pos.Line == 0 {
					t.Errorf("%s: does not name the place before", f.Text)
				}
			}
			if same := breaking.Compare(after, after, nil); len(same) > 0 {
				t.Errorf("compared with itself: got %v", same)
			}
			if *update {
				a.Files[2].Data = []byte(b.String())
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := part(t, a, "want"); b.String() != want {
				t.Errorf("got\n%s\nwant\n%s", b.String(), want)
			}
		})
	}
	for _, r := range breaking.Rules() {
		if !seen[r.Name] {
			t.Errorf("no archive has a finding of the rule %s", r.Name)
		}
	}
}

func part(t *testing.T, a *txtar.Archive, name string) string {
	t.Helper()
	for _, f := range a.Files {
		if f.Name == name {
			return string(f.Data)
		}
	}
	t.Fatalf("the archive has no file %q", name)
	return ""
}

// compile returns the schema of a file with the head that all have.
func compile(t *testing.T, text string) *schema.Schema {
	t.Helper()
	dir := t.TempDir()
	if !strings.HasPrefix(text, "syntax") {
		text = `syntax = "proto3"; package chat.v1; import "hawos/options.proto";` + "\n" + text
	}
	if err := os.WriteFile(filepath.Join(dir, "chat.proto"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	s, faults := schema.Compile(t.Context(), schema.Config{Roots: []string{dir}, Module: "example.com/demo", Out: "gen"})
	if faults != nil {
		t.Fatal(faults)
	}
	return s
}
