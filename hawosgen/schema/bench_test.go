package schema_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/hawos/hawos/hawosgen/schema"
	"github.com/hawos/hawos/hawosgen/schema/lock"
)

// project returns services of ten rpcs each, one a file.
func project(services int) map[string]string {
	files := map[string]string{}
	for i := range services {
		var rpcs, messages strings.Builder
		for j := range 10 {
			fmt.Fprintf(&rpcs, "  // Do%d does.\n  rpc Do%d(Do%dRequest) returns (Do%dReply) {\n    option (hawos.id) = %d;\n    option (hawos.route) = {timeout: \"3s\"};\n  }\n", j, j, j, j, 1000+i*10+j)
			fmt.Fprintf(&messages, "// Do%dRequest asks.\nmessage Do%dRequest {\n  // name is one.\n  string name = 1;\n  repeated int64 numbers = 2;\n  map<string, int32> counts = 3;\n}\nmessage Do%dReply {\n  string text = 1;\n  Do%dRequest request = 2;\n}\n", j, j, j, j)
		}
		files[fmt.Sprintf("protos/svc%d/v1/svc%d.proto", i, i)] = fmt.Sprintf("syntax = \"proto3\";\npackage svc%d.v1;\nimport \"hawos/options.proto\";\nservice Svc%d {\n%s}\n%s", i, i, &rpcs, &messages)
	}
	return files
}

// BenchmarkCompile compiles 1 and 100 files of 10 rpcs each, and compares their
// IDs with the lock of the run before, as each hawosgen proto does.
func BenchmarkCompile(b *testing.B) {
	for _, n := range []int{1, 100} {
		c := write(b, project(n))
		s, faults := schema.Compile(b.Context(), c)
		if faults != nil {
			b.Fatal(faults)
		}
		text := lock.Of(s).Format()
		b.Run(fmt.Sprintf("%dfiles", n), func(b *testing.B) {
			for b.Loop() {
				old, _ := lock.Parse(text)
				s, faults := schema.Compile(b.Context(), c)
				if faults != nil {
					b.Fatal(faults)
				}
				if _, changes, faults := lock.Compare(old, s, nil); len(changes)+len(faults) > 0 {
					b.Fatal(changes, faults)
				}
			}
		})
	}
}
