package generate_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/hawos/hawos/hawosgen/generate"
	"github.com/hawos/hawos/hawosgen/memo"
	"github.com/hawos/hawos/hawosgen/project"
)

// TestMemoChangesNothing edits protos and generated files at random. What a run
// with all that it remembers makes is what one without makes.
func TestMemoChangesNothing(t *testing.T) {
	const seed = 7
	random := rand.New(rand.NewPCG(seed, seed))
	dir := t.TempDir()
	writeServices(t, dir, 3)
	writeShared(t, dir, "string", "sharedv1")
	generateAndRemember(t, dir)
	kinds := []string{"string", "bytes", "int32", "repeated bool", "shared.v1.Shared"}
	for step := range 12 {
		switch kind := kinds[random.IntN(len(kinds))]; random.IntN(4) {
		case 0:
			writeUser(t, dir, random.IntN(3), kind)
		case 1:
			writeShared(t, dir, kinds[random.IntN(4)], "sharedv1")
		case 2: // the Go package of a file that others import
			writeShared(t, dir, "string", fmt.Sprintf("shared%dv1", random.IntN(3)))
		case 3:
			name := filepath.Join(dir, fmt.Sprintf("gen/svc%d/v1/svc%d.pb.go", step%3, step%3))
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			writeFile(t, name, bytes.Replace(text, []byte("Do1"), []byte("Do2"), 1))
		}
		generateAndRemember(t, dir)
		wantAsFresh(t, dir, step)
	}
}

// writeUser writes a service that imports the shared file.
func writeUser(t *testing.T, dir string, i int, kind string) {
	t.Helper()
	writeService(t, dir, i, kind)
	name := filepath.Join(dir, fmt.Sprintf("protos/svc%d/v1/svc%d.proto", i, i))
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	option := []byte("import \"hawos/options.proto\";\n")
	text = bytes.Replace(text, option, append(option, "import \"shared/v1/shared.proto\";\n"...), 1)
	writeFile(t, name, append(text, "message Uses { shared.v1.Shared shared = 1; }\n"...))
}

func writeShared(t *testing.T, dir, kind, goName string) {
	t.Helper()
	writeFile(t, filepath.Join(dir, "protos/shared/v1/shared.proto"), []byte(
		"syntax = \"proto3\";\npackage shared.v1;\noption go_package = \"example.com/bench/gen/shared/v1;"+goName+"\";\nmessage Shared { "+kind+" a = 1; }\n"))
}

// wantAsFresh compares gen with what a copy of the project's inputs gives.
func wantAsFresh(t *testing.T, dir string, step int) {
	t.Helper()
	fresh := t.TempDir()
	copyInputs(t, dir, fresh)
	generateAll(t, fresh)
	got, want := readTree(t, filepath.Join(dir, "gen")), readTree(t, filepath.Join(fresh, "gen"))
	for _, name := range allKeys(got, want) {
		if !bytes.Equal(got[name], want[name]) {
			t.Fatalf("step %d: gen/%s differs from what a run without memory makes", step, name)
		}
	}
}

// TestOnlyWhatChangedIsMade wants the memo to be used at all: with a lie in it
// about a file, the lie comes out.
func TestOnlyWhatChangedIsMade(t *testing.T) {
	dir := t.TempDir()
	writeServices(t, dir, 2)
	generateAndRemember(t, dir)
	name := "gen/svc0/v1/svc0.pb.go"
	old, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	lie := append(bytes.Clone(old), "// lie\n"...)
	writeFile(t, filepath.Join(dir, name), lie)
	list, err := os.ReadFile(filepath.Join(dir, memo.File))
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, filepath.Join(dir, memo.File), bytes.Replace(list, []byte(hashOf(old)), []byte(hashOf(lie)), 1))
	writeService(t, dir, 1, "bytes")
	generateAndRemember(t, dir)
	if text, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(text, lie) {
		t.Errorf("svc0.pb.go was printed again though svc0.proto has not changed (%v)", err)
	}
}

// TestSavesDuringARunAreSeen wants a file that is saved while hawosgen runs to be
// read by the next run.
func TestSavesDuringARunAreSeen(t *testing.T) {
	dir := t.TempDir()
	writeServices(t, dir, 1)
	generateAndRemember(t, dir)
	p, err := project.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	if !generate.IsFresh(p) {
		t.Error("a project that is up to date is not fresh")
	}
	writeService(t, dir, 0, "bytes")
	res := run(t, dir)
	writeService(t, dir, 0, "bool")
	if err := res.Changes.Write(); err != nil {
		t.Fatal(err)
	}
	if err := res.Remember(p); err != nil {
		t.Fatal(err)
	}
	if generate.IsFresh(p) {
		t.Error("fresh, though a proto was saved since it was read")
	}
}
