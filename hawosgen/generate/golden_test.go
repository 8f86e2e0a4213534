package generate_test

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/hawos/hawos/hawosgen/generate"
	"github.com/hawos/hawos/hawosgen/project"
)

var update = flag.Bool("update", false, "write the golden folders anew")

const goldens = "testdata/golden"

// TestGoldens generates each project below testdata/golden from its hawos.yaml
// and protos, and wants exactly the files that are committed beside them.
func TestGoldens(t *testing.T) {
	cases, err := os.ReadDir(goldens)
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range cases {
		t.Run(c.Name(), func(t *testing.T) {
			folder := filepath.Join(goldens, c.Name())
			dir := t.TempDir()
			copyInputs(t, folder, dir)
			generateAll(t, dir)
			got := readTree(t, dir)
			if *update {
				replaceTree(t, folder, got)
			}
			want := readTree(t, folder)
			for _, name := range allKeys(got, want) {
				if !bytes.Equal(got[name], want[name]) {
					t.Errorf("%s", diff.Diff("want/"+name, want[name], "got/"+name, got[name]))
				}
			}
		})
	}
}

// TestGoldensCompile builds and vets the golden folders as packages of this
// module.
func TestGoldensCompile(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "go", "vet", "./"+goldens+"/...").CombinedOutput()
	if err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
}

// TestSecondRunWritesNothing also deletes what hawosgen owns and wants the same
// bytes again.
func TestSecondRunWritesNothing(t *testing.T) {
	dir := t.TempDir()
	copyInputs(t, filepath.Join(goldens, "chat"), dir)
	generateAll(t, dir)
	first := readTree(t, dir)
	if res := run(t, dir); !res.Changes.IsEmpty() {
		t.Errorf("second run changes %v", res.Changes.List)
	}
	if err := os.RemoveAll(filepath.Join(dir, "gen")); err != nil {
		t.Fatal(err)
	}
	generateAll(t, dir)
	again := readTree(t, dir)
	for _, name := range allKeys(first, again) {
		if !bytes.Equal(first[name], again[name]) {
			t.Errorf("%s: other bytes after gen was deleted", name)
		}
	}
}

func run(t testing.TB, dir string) *generate.Result {
	t.Helper()
	p, err := project.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	res, err := generate.Run(t.Context(), p, generate.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return res
}

func generateAll(t testing.TB, dir string) {
	t.Helper()
	res := run(t, dir)
	if err := res.Changes.Write(); err != nil {
		t.Fatal(err)
	}
}

// isInput reports whether a file of a golden folder is what the user writes.
func isInput(name string) bool {
	return name == "hawos.yaml" || strings.HasPrefix(name, "protos/")
}

func copyInputs(t *testing.T, from, to string) {
	t.Helper()
	for name, text := range readTree(t, from) {
		if isInput(name) {
			writeFile(t, filepath.Join(to, name), text)
		}
	}
}

func replaceTree(t *testing.T, dir string, files map[string][]byte) {
	t.Helper()
	for name := range readTree(t, dir) {
		if !isInput(name) {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	for name, text := range files {
		writeFile(t, filepath.Join(dir, name), text)
	}
}

func readTree(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.Name() == ".hawos" {
			return fs.SkipDir
		}
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		files[filepath.ToSlash(rel)], err = os.ReadFile(name)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func writeFile(t testing.TB, name string, text []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func allKeys(a, b map[string][]byte) []string {
	var keys []string
	for _, m := range []map[string][]byte{a, b} {
		for k := range m {
			keys = append(keys, k)
		}
	}
	slices.Sort(keys)
	return slices.Compact(keys)
}
