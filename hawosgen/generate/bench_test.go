package generate_test

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hawos/hawos/hawosgen/generate"
	"github.com/hawos/hawos/hawosgen/project"
)

// writeServices makes a project of services with ten rpcs each, one a file.
func writeServices(t testing.TB, dir string, services int) {
	t.Helper()
	writeFile(t, filepath.Join(dir, "hawos.yaml"), []byte("module: example.com/bench\n"))
	for i := range services {
		writeService(t, dir, i, "string")
	}
}

// writeService writes the i-th service, whose first field has the given type.
func writeService(t testing.TB, dir string, i int, first string) {
	t.Helper()
	var b strings.Builder
	fmt.Fprintf(&b, "syntax = \"proto3\";\npackage svc%d.v1;\nimport \"hawos/options.proto\";\n\n// Svc%d is one.\nservice Svc%d {\n", i, i, i)
	for j := range 10 {
		fmt.Fprintf(&b, "  // Do%d does.\n  rpc Do%d(Do%dRequest) returns (Do%dReply) {\n    option (hawos.id) = %d;\n    option (hawos.route) = {timeout: \"3s\"};\n  }\n", j, j, j, j, 1000+i*10+j)
	}
	b.WriteString("}\n")
	for j := range 10 {
		fmt.Fprintf(&b, "\n// Do%dRequest asks.\nmessage Do%dRequest {\n  // name is one.\n  %s name = 1;\n  repeated int64 numbers = 2;\n  map<string, int32> counts = 3;\n}\nmessage Do%dReply {\n  string text = 1;\n  Do%dRequest request = 2;\n}\n", j, j, first, j, j)
		first = "string"
	}
	writeFile(t, filepath.Join(dir, fmt.Sprintf("protos/svc%d/v1/svc%d.proto", i, i)), []byte(b.String()))
}

// BenchmarkDirty generates a project of 100 files and 1,000 rpcs of which one
// file has changed.
func BenchmarkDirty(b *testing.B) {
	dir := b.TempDir()
	writeServices(b, dir, 100)
	generateAndRemember(b, dir)
	kinds := []string{"bytes", "string"}
	for i := 0; b.Loop(); i++ {
		writeService(b, dir, 50, kinds[i%2])
		generateAndRemember(b, dir)
	}
}

// generateAndRemember is generateAll with what later runs profit from.
func generateAndRemember(t testing.TB, dir string) {
	t.Helper()
	p, err := project.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	res, err := generate.Run(t.Context(), p, generate.Options{})
	if err == nil {
		err = res.Changes.Write()
	}
	if err == nil {
		err = res.Remember(p)
	}
	if err != nil {
		t.Fatal(err)
	}
}

func hashOf(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}
