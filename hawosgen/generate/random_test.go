package generate_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hawos/hawos/hawosgen/generate"
)

// TestRandomEdits edits a schema and the user's files in turn, and generates
// after each. HAWOS_LONG=1 makes it 1,000 steps; HAWOS_SEED repeats a run.
func TestRandomEdits(t *testing.T) {
	steps, every := 30, 30
	if os.Getenv("HAWOS_LONG") != "" {
		steps, every = 1000, 100
	}
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("HAWOS_SEED"); text != "" {
		given, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = given
	}
	t.Logf("HAWOS_SEED=%d repeats this run", seed)
	w := newWorld(t, rand.New(rand.NewPCG(seed, 1)))
	generateAll(t, w.dir)
	for i := range steps {
		var did string
		if i%2 == 0 {
			did = w.editSchema()
		} else {
			did = w.editUser(t)
		}
		was := readTree(t, w.dir)
		res := run(t, w.dir)
		if err := res.Changes.Write(); err != nil {
			t.Fatalf("step %d, %s: %v", i, did, err)
		}
		w.check(t, was, res)
		if i%every == every-1 {
			goOverlay(t, w.dir, "build", "-o", os.DevNull)
		}
		if t.Failed() {
			t.Fatalf("step %d was: %s", i, did)
		}
	}
}

// check holds what is promised after each run.
func (w *world) check(t *testing.T, was map[string][]byte, res *generate.Result) {
	t.Helper()
	now := readTree(t, w.dir)
	for name, text := range was {
		if !strings.HasPrefix(name, "gen/") && name != "hawos.lock" {
			linesStay(t, name, text, now[name], res)
		}
	}
	if again := run(t, w.dir); !again.Changes.IsEmpty() {
		t.Errorf("a second run writes:\n%s", reportOf(again))
	}
	fresh := t.TempDir()
	for _, name := range []string{"hawos.yaml", "hawos.lock", "protos/chat/v1/chat.proto"} {
		writeFile(t, filepath.Join(fresh, name), now[name])
	}
	generateAll(t, fresh)
	want := readTree(t, fresh)
	for _, name := range allKeys(want, now) {
		if strings.HasPrefix(name, "gen/") && !bytes.Equal(want[name], now[name]) {
			t.Errorf("%s: is not what an empty folder gets", name)
		}
	}
}

// linesStay wants each of the user's lines as it was, but those that the report
// names.
func linesStay(t *testing.T, name string, was, now []byte, res *generate.Result) {
	t.Helper()
	named := map[int]bool{}
	for _, n := range res.Notes {
		place := strings.Split(n.Place, ":")
		if line, err := strconv.Atoi(place[min(1, len(place)-1)]); err == nil && place[0] == name {
			named[line] = true
		}
	}
	left := strings.Split(string(now), "\n")
	for i, line := range strings.Split(string(was), "\n") {
		if named[i+1] {
			continue
		}
		at := slices.Index(left, line)
		if at < 0 {
			// The last line has no break yet where something was added below it.
			at = slices.Index(left, line+"\r")
		}
		if at < 0 {
			t.Errorf("%s:%d: %q is gone, and not reported", name, i+1, line)
			return
		}
		left = left[at+1:]
	}
}

// goOverlay runs go with the arguments on all packages of the project in dir,
// where this module would have it.
func goOverlay(t *testing.T, dir string, args ...string) {
	t.Helper()
	base, err := filepath.Abs("testdata/random")
	if err != nil {
		t.Fatal(err)
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	packages := map[string]bool{}
	for name := range readTree(t, dir) {
		if strings.HasSuffix(name, ".go") {
			overlay.Replace[filepath.Join(base, name)] = filepath.Join(dir, name)
			packages[path.Join(randomModule, path.Dir(name))] = true
		}
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "overlay.json")
	writeFile(t, file, text)
	args = append(args, "-overlay", file)
	for p := range packages {
		args = append(args, p)
	}
	if out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
		t.Errorf("go %s: %v\n%s", args[0], err, out)
	}
}
