package cli_test

import (
	"bytes"
	"context"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/hawos/hawos/hawosgen/output"
)

// TestKilledRunLeavesBeforeOrAfter kills hawosgen proto at random moments, half
// of them while it swaps files. Each file must be whole at once, and the tree all
// of before or all of after when the next command has looked at it.
func TestKilledRunLeavesBeforeOrAfter(t *testing.T) {
	kills := 20
	if os.Getenv("HAWOS_LONG") != "" {
		kills = 200
	}
	seed := uint64(time.Now().UnixNano())
	t.Logf("seed %d", seed)
	random := rand.New(rand.NewPCG(seed, 0))
	dir := t.TempDir()
	killProject(t, dir, 1)
	start := time.Now()
	hawosgen(t, dir, 0)
	took := time.Since(start)
	before := snapshot(t, dir)
	killProject(t, dir, 2)
	protos := snapshot(t, dir)
	hawosgen(t, dir, 0)
	after := snapshot(t, dir)
	var ended [2]int
	cut := 0
	for i := range kills {
		restore(t, dir, before, protos)
		if i%2 == 0 {
			hawosgen(t, dir, 1+time.Duration(random.Int64N(int64(took))))
		} else {
			killInSwap(t, dir, time.Duration(random.Int64N(int64(2*time.Millisecond))))
		}
		left := snapshot(t, dir)
		wholeFiles(t, left, protos, after)
		if !same(left, protos) && !same(left, after) {
			cut++
		}
		if err := output.Recover(dir); err != nil {
			t.Fatal(err)
		}
		switch got := snapshot(t, dir); {
		case same(got, protos):
			ended[0]++
		case same(got, after):
			ended[1]++
		default:
			t.Fatalf("kill %d (seed %d): the tree is neither before nor after", i, seed)
		}
	}
	t.Logf("%d times before, %d times after; %d were cut off between two swaps", ended[0], ended[1], cut)
}

// killProject writes a project of some packages; each version has rpcs of its
// own, and the second lacks the last package.
func killProject(t *testing.T, dir string, version int) {
	t.Helper()
	put(t, dir, "hawos.yaml", "module: example.com/demo\n")
	for i := range 6 {
		name := fmt.Sprintf("p%d", i)
		text := fmt.Sprintf("syntax = \"proto3\";\npackage %s.v1;\nimport \"hawos/options.proto\";\nservice %s {\n", name, strings.ToUpper(name))
		for n := range 3 * version {
			text += fmt.Sprintf("  rpc Do%d(M) returns (M) { option (hawos.id) = %d; }\n", n, 1000*(i+1)+n)
		}
		put(t, dir, "protos/"+name+"/v1/"+name+".proto", text+"}\nmessage M {}\n")
	}
	if version == 2 {
		if err := os.RemoveAll(filepath.Join(dir, "protos", "p5")); err != nil {
			t.Fatal(err)
		}
	}
}

// hawosgen runs hawosgen proto, and kills it after a time unless that is 0.
func hawosgen(t *testing.T, dir string, after time.Duration) {
	t.Helper()
	ctx := t.Context()
	if after > 0 {
		timed, cancel := context.WithTimeout(ctx, after)
		defer cancel()
		ctx = timed
	}
	out, err := exec.CommandContext(ctx, "hawosgen", "-C", dir, "proto").CombinedOutput()
	if err != nil && ctx.Err() == nil {
		t.Fatalf("%v\n%s", err, out)
	}
}

// killInSwap kills a run soon after its first swap may have begun.
func killInSwap(t *testing.T, dir string, after time.Duration) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "hawosgen", "-C", dir, "proto")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	tick := time.NewTicker(100 * time.Microsecond)
	defer tick.Stop()
	for {
		select {
		case <-done:
			return
		case <-tick.C:
		}
		if output.Interrupted(dir) {
			break
		}
	}
	select {
	case <-done:
		return
	case <-time.After(after):
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Log(err) // it ended by itself
	}
	<-done
}

// wholeFiles wants each file as it is in one of the trees, and each that is in
// all of them.
func wholeFiles(t *testing.T, got map[string][]byte, trees ...map[string][]byte) {
	t.Helper()
	for name, text := range got {
		whole := false
		for _, tree := range trees {
			want, ok := tree[name]
			whole = whole || ok && bytes.Equal(text, want)
		}
		if !whole {
			t.Errorf("%s: %d bytes are neither of before nor of after", name, len(text))
		}
	}
	for name := range trees[0] {
		everywhere := true
		for _, tree := range trees {
			_, ok := tree[name]
			everywhere = everywhere && ok
		}
		if _, ok := got[name]; everywhere && !ok {
			t.Errorf("%s: is missing", name)
		}
	}
}

func same(a, b map[string][]byte) bool {
	for name := range a {
		if !bytes.Equal(a[name], b[name]) {
			return false
		}
	}
	return len(a) == len(b)
}

// restore makes the project what the tree before is, with the later protos.
func restore(t *testing.T, dir string, before, protos map[string][]byte) {
	t.Helper()
	for name := range snapshot(t, dir) {
		if _, ok := before[name]; !ok {
			if err := os.Remove(filepath.Join(dir, name)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := os.RemoveAll(filepath.Join(dir, ".hawos")); err != nil {
		t.Fatal(err)
	}
	for name := range before {
		if strings.HasPrefix(name, "protos/") {
			continue
		}
		put(t, dir, name, string(protos[name]))
	}
}

// snapshot returns the files of a project but those that git ignores.
func snapshot(t *testing.T, dir string) map[string][]byte {
	t.Helper()
	files := map[string][]byte{}
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && d.Name() == ".hawos":
			return fs.SkipDir
		case d.IsDir():
			return nil
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

func put(t *testing.T, dir, name, text string) {
	t.Helper()
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}
