package generate_test

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

const corpus = "../testdata/upgrade"

// TestUpgrade regenerates the projects of earlier versions: the user's files stay
// as they are, and all compiles with the runtime as it is now.
func TestUpgrade(t *testing.T) {
	projects, err := filepath.Glob(filepath.Join(corpus, "v*"))
	if err != nil || len(projects) == 0 {
		t.Fatalf("no projects in %s (%v)", corpus, err)
	}
	for _, folder := range projects {
		t.Run(filepath.Base(folder), func(t *testing.T) {
			dir := t.TempDir()
			if err := os.CopyFS(dir, os.DirFS(folder)); err != nil {
				t.Fatal(err)
			}
			before := readTree(t, dir)
			generateAll(t, dir)
			after := readTree(t, dir)
			for name, text := range before {
				if isUsers(name) && !bytes.Equal(text, after[name]) {
					t.Errorf("%s: the user's file has changed", name)
				}
			}
			vet(t, folder, dir, allKeys(before, after))
		})
	}
}

// isUsers reports whether a file of a project is none that hawosgen owns.
func isUsers(name string) bool {
	return !strings.HasPrefix(name, "gen/") && name != "hawos.lock"
}

// vet compiles the packages in folder as they are in dir.
func vet(t *testing.T, folder, dir string, names []string) {
	t.Helper()
	folder, err := filepath.Abs(folder)
	if err != nil {
		t.Fatal(err)
	}
	replace := map[string]string{}
	for _, name := range names {
		to := filepath.Join(dir, filepath.FromSlash(name))
		if _, err := os.Stat(to); err != nil {
			to = "" // removed
		}
		replace[filepath.Join(folder, filepath.FromSlash(name))] = to
	}
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		t.Fatal(err)
	}
	overlay := filepath.Join(t.TempDir(), "overlay.json")
	writeFile(t, overlay, text)
	cmd := exec.CommandContext(t.Context(), "go", "vet", "-overlay", overlay, "./...")
	cmd.Dir = folder
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
}
