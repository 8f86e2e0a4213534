package output_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hawos/hawos/hawosgen/output"
)

// cutOff has a run of three changes – the manifest, an update, a removal – cut
// off behind n swaps.
func cutOff(t *testing.T, n int) (dir string) {
	t.Helper()
	dir = t.TempDir()
	apply(t, dir, files("1", "1"))
	if err := compare(t, dir, files("2", "")).WriteCutOff(n); err != nil {
		t.Fatal(err)
	}
	if !output.Interrupted(dir) {
		t.Fatal("a run that was cut off is not seen")
	}
	return dir
}

func TestRecoverEndsWhatWasCutOff(t *testing.T) {
	for n := range 4 {
		dir := cutOff(t, n)
		if err := output.Recover(dir); err != nil {
			t.Fatal(err)
		}
		want(t, apply(t, dir, files("2", "")))
		if output.Interrupted(dir) {
			t.Error("the journal stayed")
		}
	}
}

func TestRecoverTakesBackWhereSomebodyWrote(t *testing.T) {
	dir := cutOff(t, 1)
	put(t, dir, "gen/a/a.hawos.go", "somebody's")
	if err := output.Recover(dir); err != nil {
		t.Fatal(err)
	}
	if got := read(t, dir, "gen/a/a.hawos.go"); got != "somebody's" {
		t.Errorf("got %q, want somebody's", got)
	}
	put(t, dir, "gen/a/a.hawos.go", generated+"1")
	want(t, apply(t, dir, files("1", "1"))) // all of it as before
}

func TestRecoverTakesBackWhatIsNotWhole(t *testing.T) {
	dir := cutOff(t, 1)
	put(t, dir, ".hawos/swap/1", "half")
	if err := output.Recover(dir); err != nil {
		t.Fatal(err)
	}
	want(t, apply(t, dir, files("1", "1")))
}

func TestUndo(t *testing.T) {
	dir := t.TempDir()
	if _, err := output.Undo(dir); !errors.Is(err, output.ErrNoRun) {
		t.Errorf("got %v, want ErrNoRun", err)
	}
	apply(t, dir, files("1", "1"))
	apply(t, dir, files("2", ""))
	undo := func() {
		t.Helper()
		c, err := output.Undo(dir)
		if err != nil {
			t.Fatal(err)
		}
		if err := c.Write(); err != nil {
			t.Fatal(err)
		}
	}
	undo()
	want(t, apply(t, dir, files("1", "1")))
	undo()
	want(t, apply(t, dir, files("2", "")))
	put(t, dir, "gen/a/a.hawos.go", "mine")
	if _, err := output.Undo(dir); err == nil || !strings.HasPrefix(err.Error(), "gen/a/a.hawos.go: changed since") {
		t.Errorf("got %v, want an error that names the file", err)
	}
}

// TestFailedSwapLeavesAllAsItWas swaps into a folder that cannot be written.
func TestFailedSwapLeavesAllAsItWas(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root writes everywhere")
	}
	dir := t.TempDir()
	apply(t, dir, files("1", "1"))
	c := compare(t, dir, files("2", "2"))
	b := filepath.Join(dir, "gen", "b")
	if err := os.Chmod(b, 0o555); err != nil {
		t.Fatal(err)
	}
	if err := c.Write(); err == nil {
		t.Error("wrote where it cannot")
	}
	if err := os.Chmod(b, 0o755); err != nil {
		t.Fatal(err)
	}
	want(t, apply(t, dir, files("1", "1")))
}
