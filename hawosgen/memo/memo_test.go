package memo_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/hawos/hawos/hawosgen/memo"
)

const file = "gen/with space.go"

// made opens the memo of a project whose file was made from "a".
func made(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	m := memo.Open(dir)
	text, err := m.Do(file, memo.Key([]byte("a")), func() ([]byte, error) { return []byte("text"), nil })
	if err != nil || string(text) != "text" {
		t.Fatalf("got %q, %v", text, err)
	}
	put(t, dir, "text")
	if err := m.Save(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func put(t *testing.T, dir, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Join(dir, "gen"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestTextOfTheSameKey(t *testing.T) {
	dir := made(t)
	if text, ok := memo.Open(dir).Text(file, memo.Key([]byte("a"))); !ok || string(text) != "text" {
		t.Errorf("got %q, %v", text, ok)
	}
	if _, ok := memo.Open(dir).Text(file, memo.Key([]byte("b"))); ok {
		t.Error("the text counts for another key")
	}
}

func TestEditedFilesDoNotCount(t *testing.T) {
	dir := made(t)
	put(t, dir, "edit")
	if _, ok := memo.Open(dir).Text(file, memo.Key([]byte("a"))); ok {
		t.Error("an edited file counts")
	}
	if err := os.Remove(filepath.Join(dir, file)); err != nil {
		t.Fatal(err)
	}
	if _, ok := memo.Open(dir).Text(file, memo.Key([]byte("a"))); ok {
		t.Error("a deleted file counts")
	}
}

func TestBrokenMemoKnowsNothing(t *testing.T) {
	dir := made(t)
	if err := os.WriteFile(filepath.Join(dir, memo.File), []byte("<<<<<<< HEAD\nx y z\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, ok := memo.Open(dir).Text(file, memo.Key([]byte("a"))); ok {
		t.Error("a broken memo knows a file")
	}
}

func TestFaultsAreNotKept(t *testing.T) {
	dir := t.TempDir()
	m := memo.Open(dir)
	if _, err := m.Do(file, memo.Key(), func() ([]byte, error) { return nil, errors.New("no") }); err == nil {
		t.Error("the fault is lost")
	}
	put(t, dir, "")
	if err := m.Save(); err != nil {
		t.Fatal(err)
	}
	if _, ok := memo.Open(dir).Text(file, memo.Key()); ok {
		t.Error("what failed is remembered")
	}
}

func TestKeysKnowWherePartsEnd(t *testing.T) {
	if memo.Key([]byte("ab"), []byte("c")) == memo.Key([]byte("a"), []byte("bc")) {
		t.Error("two lists of parts have one key")
	}
}

func TestToolIsTheSameElsewhere(t *testing.T) {
	a, err := memo.Tool()
	b, err2 := memo.Tool()
	if a == "" || a != b || err != nil || err2 != nil {
		t.Errorf("got %q and %q (%v, %v)", a, b, err, err2)
	}
	t.Log(a)
}
