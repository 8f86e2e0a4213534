package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// schema is a project to generate code for.
type schema struct {
	name        string
	dir         string
	files, rpcs int // rpcs is those of one file
}

func schemas() map[string]schema {
	return map[string]schema{
		"s": {name: "s", files: 1, rpcs: 10},
		"m": {name: "m", files: 100, rpcs: 10},
		"l": {name: "l", files: 1, rpcs: 1000},
	}
}

// write makes the project in s.dir, with what each of the tools wants. options is
// the folder of hawos's own protos.
func (s schema) write(options string) error {
	files := map[string]string{
		"hawos.yaml":   "module: example.com/bench\n",
		"buf.yaml":     "version: v2\nmodules:\n  - path: protos\n  - path: deps\n",
		"buf.gen.yaml": "version: v2\ninputs:\n  - directory: protos\nplugins:\n  - local: protoc-gen-go\n    out: buf\n    opt: paths=source_relative\n  - local: protoc-gen-go-grpc\n    out: buf\n    opt: paths=source_relative\n",
	}
	for i := range s.files {
		files[filepath.Join("protos", s.proto(i))] = s.text(i, "string")
	}
	for name, text := range files {
		name = filepath.Join(s.dir, name)
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return os.CopyFS(filepath.Join(s.dir, "deps", "hawos"), os.DirFS(options))
}

// proto returns the path of the i-th file.
func (s schema) proto(i int) string { return fmt.Sprintf("svc%d/v1/svc%d.proto", i, i) }

// text returns the i-th file, whose first field has the given type.
func (s schema) text(i int, first string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "syntax = \"proto3\";\npackage svc%d.v1;\nimport \"hawos/options.proto\";\noption go_package = \"example.com/bench/gen/svc%d/v1;svc%dv1\";\n\n", i, i, i)
	fmt.Fprintf(&b, "// Svc%d is one service.\nservice Svc%d {\n  option (hawos.app) = {name: \"svc%d\"};\n", i, i, i)
	for j := range s.rpcs {
		fmt.Fprintf(&b, "  // Do%d does.\n  rpc Do%d(Do%dRequest) returns (Do%dReply) {\n    option (hawos.id) = %d;\n    option (hawos.route) = {timeout: \"3s\"};\n  }\n", j, j, j, j, 1000+i*s.rpcs+j)
	}
	b.WriteString("}\n")
	for j := range s.rpcs {
		fmt.Fprintf(&b, "\n// Do%dRequest asks.\nmessage Do%dRequest {\n  // name is one.\n  %s name = 1;\n  repeated int64 numbers = 2;\n  map<string, int32> counts = 3;\n}\n", j, j, first)
		fmt.Fprintf(&b, "\n// Do%dReply answers.\nmessage Do%dReply {\n  string text = 1;\n  Do%dRequest request = 2;\n}\n", j, j, j)
		first = "string"
	}
	return b.String()
}
