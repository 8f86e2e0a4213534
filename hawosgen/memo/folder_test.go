package memo_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hawos/hawos/hawosgen/memo"
)

func TestFolderKeepsForOneProgram(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "compiled")
	f := memo.OpenFolder(dir, []byte("one"))
	f.Store("a", []byte("text"))
	if got := f.Load("a"); got != nil {
		t.Errorf("got %q before Save", got)
	}
	save(t, f)
	if got := memo.OpenFolder(dir, []byte("one")).Load("a"); string(got) != "text" {
		t.Errorf("got %q, want text", got)
	}
	if got := memo.OpenFolder(dir, []byte("two")).Load("a"); got != nil {
		t.Errorf("another program got %q", got)
	}
}

func TestFolderForgetsWhatIsNotUsed(t *testing.T) {
	dir := t.TempDir()
	f := memo.OpenFolder(dir, nil)
	f.Store("a", []byte("a"))
	f.Store("b", []byte("b"))
	save(t, f)
	f = memo.OpenFolder(dir, nil)
	f.Load("b")
	save(t, f)
	f = memo.OpenFolder(dir, nil)
	if a, b := f.Load("a"), f.Load("b"); a != nil || string(b) != "b" {
		t.Errorf("got %q and %q, want b alone", a, b)
	}
}

func TestFolderPassesOverBrokenFiles(t *testing.T) {
	dir := t.TempDir()
	f := memo.OpenFolder(dir, nil)
	f.Store("a", []byte("some text"))
	save(t, f)
	entries, err := os.ReadDir(dir)
	if err != nil || len(entries) != 1 {
		t.Fatalf("got %v and %v, want one file", entries, err)
	}
	name := filepath.Join(dir, entries[0].Name())
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	for n := range text {
		if err := os.WriteFile(name, text[:n], 0o644); err != nil {
			t.Fatal(err)
		}
		if got := memo.OpenFolder(dir, nil).Load("a"); got != nil {
			t.Errorf("got %q of the first %d bytes", got, n)
		}
	}
}

func TestNoFolderKeepsNothing(t *testing.T) {
	var f *memo.Folder
	f.Store("a", []byte("a"))
	save(t, f)
	if got := f.Load("a"); got != nil {
		t.Errorf("got %q", got)
	}
}

func save(t *testing.T, f *memo.Folder) {
	t.Helper()
	if err := f.Save(); err != nil {
		t.Fatal(err)
	}
}
