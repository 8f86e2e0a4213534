package lock_test

import (
	"bufio"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/hawos/hawos/hawosgen/schema"
	"github.com/hawos/hawos/hawosgen/schema/lock"
)

var update = flag.Bool("update", false, "write want.txt anew")

// TestFolders runs the schemas of each folder of testdata one after another, as a
// user changes one, and compares what each run says and leaves in hawos.lock
// with want.txt. A schema that begins with "// accept 2001" is run with that.
func TestFolders(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join("testdata", "*"))
	if err != nil || len(dirs) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			got := runs(t, dir)
			file := filepath.Join(dir, "want.txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// runs compares each schema of dir with the lock that the one before left.
func runs(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	var text []byte
	for i := 1; ; i++ {
		proto, err := os.ReadFile(filepath.Join(dir, fmt.Sprintf("%d.proto", i)))
		if err != nil {
			return b.String()
		}
		old, faults := lock.Parse(text)
		if faults != nil {
			t.Fatal(faults)
		}
		next, changes, faults := lock.Compare(old, compile(t, string(proto), old.IDs()...), accepted(t, string(proto)))
		fmt.Fprintf(&b, "== run %d\n", i)
		for _, c := range changes {
			fmt.Fprintln(&b, c)
		}
		b.WriteString(faults.Format())
		if faults == nil {
			text = next.Format()
			fmt.Fprintf(&b, "-- %s\n%s", lock.Name, text)
		}
	}
}

func accepted(t *testing.T, proto string) []uint32 {
	t.Helper()
	first, _, _ := bufio.ScanLines([]byte(proto), true)
	words, ok := strings.CutPrefix(proto[:first], "// accept ")
	if !ok {
		return nil
	}
	var ids []uint32
	for _, w := range strings.Fields(words) {
		id, err := strconv.ParseUint(w, 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		ids = append(ids, uint32(id))
	}
	return ids
}

// compile compiles a project of one file.
func compile(t testing.TB, proto string, locked ...uint32) *schema.Schema {
	t.Helper()
	dir := t.TempDir()
	if err := os.Mkdir(filepath.Join(dir, "protos"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "protos", "chat.proto"), []byte(proto), 0o644); err != nil {
		t.Fatal(err)
	}
	s, faults := schema.Compile(t.Context(), schema.Config{Dir: dir, Roots: []string{"protos"}, Module: "example.com/demo", Out: "gen", Locked: locked})
	if faults != nil {
		t.Fatal(faults)
	}
	return s
}
