package generate_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestUglySchemasBuild generates what is legal though nobody should write it, and
// wants it to build and vet clean.
func TestUglySchemasBuild(t *testing.T) {
	a, err := txtar.ParseFile("testdata/ugly.txtar")
	if err != nil {
		t.Fatal(err)
	}
	// A folder of this module, always the same, so that what was built is known.
	dir := filepath.Join("testdata", "tmp-ugly")
	clean := func() {
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	}
	clean()
	t.Cleanup(clean)
	for _, f := range a.Files {
		writeFile(t, filepath.Join(dir, f.Name), f.Data)
	}
	var many strings.Builder
	many.WriteString("syntax = \"proto3\";\npackage many.v1;\nimport \"hawos/options.proto\";\nservice Many {\n")
	for i := range 500 {
		fmt.Fprintf(&many, "  rpc Do%d(M) returns (M) { option (hawos.id) = %d; }\n", i, 10000+i)
	}
	many.WriteString("}\nmessage M {}\n")
	writeFile(t, filepath.Join(dir, "protos", "many", "v1", "many.proto"), []byte(many.String()))
	writeFile(t, filepath.Join(dir, "hawos.yaml"), []byte("module: "+strings.TrimSuffix(randomModule, "random")+"tmp-ugly\n"))
	generateAll(t, dir)
	if res := run(t, dir); !res.Changes.IsEmpty() {
		t.Errorf("a second run writes:\n%s", reportOf(res))
	}
	out, err := exec.CommandContext(t.Context(), "go", "vet", "./"+filepath.ToSlash(dir)+"/...").CombinedOutput()
	if err != nil {
		t.Errorf("go vet: %v\n%s", err, out)
	}
}
