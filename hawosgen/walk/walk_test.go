package walk_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"github.com/hawos/hawos/hawosgen/walk"
)

func TestFilesFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"real/a.proto", "real/.git/x", "other folder/b.proto"} {
		name = filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for link, to := range map[string]string{"root": "real", "real/in": "../other folder", "other folder/back": "../real", "real/gone": "nowhere"} {
		if err := os.Symlink(to, filepath.Join(dir, link)); err != nil {
			t.Skip("no symlinks here:", err)
		}
	}
	var got []string
	err := walk.Files(filepath.Join(dir, "root"), func(name string, _ fs.FileInfo) error {
		rel, err := filepath.Rel(dir, name)
		got = append(got, filepath.ToSlash(rel))
		return err
	})
	if want := []string{"root/a.proto", "root/in/b.proto"}; err != nil || !slices.Equal(got, want) {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
	if err := walk.Files(filepath.Join(dir, "none"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("got %v, want fs.ErrNotExist", err)
	}
}
