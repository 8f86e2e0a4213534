package splice_test

import (
	"flag"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"

	"github.com/hawos/hawos/hawosgen/generate"
	"github.com/hawos/hawos/hawosgen/project"
)

var update = flag.Bool("update", false, "write what comes out into the archives")

// TestSplice runs each archive in testdata: the project in it is generated with
// protos/before, then the user's files (user/…) are laid over it, then it is
// generated with protos/after. Every file below internal must come out as its
// want/… says, and the notes as in "notes".
func TestSplice(t *testing.T) {
	archives, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(archives) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, name := range archives {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) { spliceCase(t, name) })
	}
}

func spliceCase(t *testing.T, name string) {
	a, err := txtar.ParseFile(name)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	write(t, dir, "hawos.yaml", "module: example.com/demo\n")
	in := map[string]string{}
	for _, f := range a.Files {
		in[f.Name] = string(f.Data)
	}
	crlf := strings.Contains(string(a.Comment), "CRLF")
	write(t, dir, "protos/chat/v1/chat.proto", in["before.proto"])
	run(t, dir)
	for file, text := range in {
		if rel, ok := strings.CutPrefix(file, "user/"); ok {
			if crlf {
				text = strings.ReplaceAll(text, "\n", "\r\n")
			}
			write(t, dir, "internal/chat/"+rel, text)
		}
	}
	if _, ok := in["user/gone"]; ok {
		remove(t, dir, "internal/chat/gone", "internal/chat/service.go")
	}
	write(t, dir, "protos/chat/v1/chat.proto", in["after.proto"])
	notes := run(t, dir)
	if again := run(t, dir); again != notes && strings.Contains(again, "new") {
		t.Errorf("third run: %s", again)
	}
	got := map[string]string{"notes": notes}
	for file, text := range readGo(t, filepath.Join(dir, "internal", "chat")) {
		if crlf {
			if strings.Count(text, "\n") != strings.Count(text, "\r\n") {
				t.Errorf("%s: lines end in \\n and \\r\\n", file)
			}
			text = strings.ReplaceAll(text, "\r\n", "\n")
		}
		got["want/"+file] = text
	}
	compare(t, name, a, got)
}

// compare holds what came out against the archive, or writes it there.
func compare(t *testing.T, name string, a *txtar.Archive, got map[string]string) {
	var files []txtar.File
	for _, f := range a.Files {
		wanted := f.Name == "notes" || strings.HasPrefix(f.Name, "want/")
		if !wanted || !*update {
			files = append(files, f)
		}
		if text, ok := got[f.Name]; wanted && !*update && (!ok || text != string(f.Data)) {
			t.Errorf("%s: got\n%s\nwant\n%s", f.Name, text, f.Data)
		}
	}
	known := map[string]bool{}
	for _, f := range a.Files {
		known[f.Name] = true
	}
	for _, file := range slices.Sorted(maps.Keys(got)) {
		if *update {
			files = append(files, txtar.File{Name: file, Data: []byte(got[file])})
		} else if !known[file] {
			t.Errorf("%s: came out and is not wanted:\n%s", file, got[file])
		}
	}
	if *update {
		a.Files = files
		if err := os.WriteFile(name, txtar.Format(a), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// run generates the project and returns the notes, a line each; or the error.
func run(t *testing.T, dir string) string {
	t.Helper()
	p, err := project.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	res, err := generate.Run(t.Context(), p, generate.Options{})
	if err != nil {
		return "error: " + err.Error() + "\n"
	}
	if err := res.Changes.Write(); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, n := range res.Notes {
		b.WriteString(n.String() + "\n")
	}
	return b.String()
}

func readGo(t *testing.T, dir string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(name)
		rel, _ := filepath.Rel(dir, name)
		files[filepath.ToSlash(rel)] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func write(t *testing.T, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func remove(t *testing.T, dir string, names ...string) {
	t.Helper()
	for _, name := range names {
		if err := os.Remove(filepath.Join(dir, filepath.FromSlash(name))); err != nil {
			t.Fatal(err)
		}
	}
}
