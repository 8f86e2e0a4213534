package schema_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/hawosgen/schema"
)

// write makes a project of the given files in a new folder.
func write(t testing.TB, files map[string]string) schema.Config {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		name = filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return schema.Config{Dir: dir, Roots: []string{"protos"}, Module: "example.com/demo", Out: "gen"}
}

const twice = `syntax = "proto3";
package chat.v1;
import "hawos/options.proto";
service Chat {
  option (hawos.app) = {ids: "2000-2999"};

  rpc Send(M) returns (M) {
    option (hawos.id) = 2001;
  }

  rpc Join(M) returns (M) {
    option (hawos.id) = 2001;
  }
}
message M { option (hawos.push_id) = 2002; }
`

// Without a folder of the project, files are shown by their path in the root.
func TestFaultsShowPathsInTheRootWhenRootsAreAbsolute(t *testing.T) {
	c := write(t, map[string]string{"protos/chat/v1/chat.proto": strings.Replace(twice, "message M { option (hawos.push_id) = 2002; }", "message M {}", 1)})
	_, faults := schema.Compile(t.Context(), schema.Config{Roots: []string{filepath.Join(c.Dir, "protos")}, Module: c.Module, Out: c.Out, Locked: []uint32{2002}})
	want := `chat/v1/chat.proto:12:5: protocol ID 2001 is given twice: chat.v1.Chat.Send and chat.v1.Chat.Join
   12 |     option (hawos.id) = 2001;
      |     ^
   first given here: chat/v1/chat.proto:8:5
   fix: give one of them a free ID; the next in 2000-2999 is 2003
`
	if got := faults.Format(); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if got := faults.Error(); got != strings.TrimSuffix(want, "\n") {
		t.Errorf("as an error: got\n%s", got)
	}
}

func TestRootsThatAreMissingNestedOrNoneAreFaults(t *testing.T) {
	c := write(t, map[string]string{"protos/chat/v1/chat.proto": "", "rank.txt": ""})
	for _, test := range []struct {
		roots []string
		want  string
	}{
		{nil, "there are no folders"},
		{[]string{"nothing"}, `"nothing" does not exist`},
		{[]string{"protos", "protos/chat"}, `"protos/chat" lies in "protos"`},
		{[]string{"protos/chat", "protos"}, `"protos/chat" lies in "protos"`},
		{[]string{"protos", "./protos"}, `"./protos" lies in "protos"`},
	} {
		c.Roots = test.roots
		_, faults := schema.Compile(t.Context(), c)
		if len(faults) != 1 || !strings.Contains(faults[0].Text, test.want) {
			t.Errorf("roots %q: got %v, want one fault with %q", test.roots, faults, test.want)
		}
	}
}

// The folders protos and protos2 are beside, not in each other.
func TestRootsMayShareTheBeginningOfTheirNames(t *testing.T) {
	c := write(t, map[string]string{"protos/a.proto": `syntax = "proto3";`, "protos2/b.proto": `syntax = "proto3";`, "..protos/c.proto": `syntax = "proto3";`})
	c.Roots = []string{"protos", "protos2", "..protos"}
	s, faults := schema.Compile(t.Context(), c)
	if faults != nil || len(s.Files) != 3 {
		t.Errorf("got %v and %v, want three files", s, faults)
	}
}

func TestNoFilesAreAnEmptySchema(t *testing.T) {
	c := write(t, map[string]string{"protos/readme.txt": ""})
	s, faults := schema.Compile(t.Context(), c)
	if faults != nil || len(s.Files) != 0 {
		t.Errorf("got %v and %v, want an empty schema", s, faults)
	}
}

func TestCancelledCompileIsAFault(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	s, faults := schema.Compile(ctx, write(t, map[string]string{"protos/a.proto": `syntax = "proto3";`}))
	if s != nil || len(faults) != 1 || !strings.Contains(faults[0].Text, context.Canceled.Error()) {
		t.Errorf("got %v and %v, want one fault of the cancelled context", s, faults)
	}
}

func TestManyRPCsInAFileAreAWarning(t *testing.T) {
	var b strings.Builder
	b.WriteString("syntax = \"proto3\";\npackage big;\nmessage M {}\nservice Big {\n")
	for i := range 501 {
		fmt.Fprintf(&b, "  rpc Do%d(M) returns (M);\n", i)
	}
	b.WriteString("}\n")
	s, faults := schema.Compile(t.Context(), write(t, map[string]string{"protos/big.proto": b.String()}))
	if faults != nil {
		t.Fatal(faults)
	}
	if len(s.Warnings) != 1 || !strings.Contains(s.Warnings[0].Text, "has 501 rpcs") {
		t.Errorf("got warnings %v, want one of 501 rpcs", s.Warnings)
	}
}

// TestOutputDependsOnTheInputAlone compiles one project in two places and often,
// for the compiler works on several files at once.
func TestOutputDependsOnTheInputAlone(t *testing.T) {
	files := map[string]string{}
	for i := range 20 {
		files[fmt.Sprintf("protos/p%d/v1/p.proto", i)] = fmt.Sprintf(`syntax = "proto3"; package p%d.v1; import "p%d/v1/m.proto"; message A { M m = 1; }`, i, i)
		files[fmt.Sprintf("protos/p%d/v1/m.proto", i)] = fmt.Sprintf(`syntax = "proto3"; package p%d.v1; message M {}`, i)
	}
	a, b := write(t, files), write(t, files)
	want, faults := schema.Compile(t.Context(), a)
	if faults != nil {
		t.Fatal(faults)
	}
	t.Chdir(t.TempDir())
	for range 10 {
		got, faults := schema.Compile(t.Context(), b)
		if faults != nil {
			t.Fatal(faults)
		}
		if summary(got) != summary(want) {
			t.Fatalf("got\n%s\nwant\n%s", summary(got), summary(want))
		}
		for i, f := range got.Protos() {
			if !proto.Equal(f, want.Protos()[i]) {
				t.Fatalf("descriptors of %s differ", f.GetName())
			}
		}
	}
}

// TestFaultsDependOnTheInputAlone compiles files that define the same things, of
// which the compiler reports the one that it happens to come to later.
func TestFaultsDependOnTheInputAlone(t *testing.T) {
	files := map[string]string{}
	for _, name := range []string{"a", "b", "c", "d", "e"} {
		files["protos/"+name+".proto"] = "syntax = \"proto3\";\npackage p;\nimport \"google/protobuf/descriptor.proto\";\nmessage Same {}\nmessage " +
			strings.ToUpper(name) + " { Missing m = 1; }\nextend google.protobuf.FileOptions { string " + name + " = 50001; }\n"
	}
	c := write(t, files)
	_, want := schema.Compile(t.Context(), c)
	if len(want) < 4 {
		t.Fatalf("got %d faults, want 4 or more:\n%s", len(want), want.Format())
	}
	for range 30 {
		if _, got := schema.Compile(t.Context(), c); got.Format() != want.Format() {
			t.Fatalf("got\n%s\nwant\n%s", got.Format(), want.Format())
		}
	}
}

func TestFreeIDSkipsTakenAndLockedOnes(t *testing.T) {
	c := write(t, map[string]string{"protos/chat.proto": strings.Replace(twice, "= 2001;\n  }\n}\nmessage M {", "= 2005;\n  }\n}\nmessage M {} message N {", 1)})
	c.Locked = []uint32{2003, 2999}
	s, faults := schema.Compile(t.Context(), c)
	if faults != nil {
		t.Fatal(faults)
	}
	for _, test := range []struct {
		in   schema.Range
		want uint32
		ok   bool
	}{
		{schema.Range{Low: 2000, High: 2999}, 2000, true},
		{schema.Range{Low: 2001, High: 2999}, 2004, true},
		{schema.Range{Low: 2001, High: 2003}, 0, false},
		{schema.Range{Low: 3000, High: 3999}, 3000, true},
	} {
		if got, ok := s.FreeID(test.in); got != test.want || ok != test.ok {
			t.Errorf("in %v: got %d, %v, want %d, %v", test.in, got, ok, test.want, test.ok)
		}
	}
}

func TestImportPathsOfOneWordAreFaults(t *testing.T) {
	c := write(t, map[string]string{"protos/a.proto": `syntax = "proto3"; package a;`, "protos/b/b.proto": `syntax = "proto3"; package b;`})
	c.Module, c.Out = "demo", ""
	_, faults := schema.Compile(t.Context(), c)
	if len(faults) != 1 || faults[0].Pos.File != "a.proto" || !strings.Contains(faults[0].Text, `"demo" is no Go import path`) {
		t.Errorf("got %v, want one fault of a.proto", faults)
	}
}

func TestFormatAlignsTheCaret(t *testing.T) {
	for _, test := range []struct {
		source string
		col    int
		want   string
	}{
		{"ab", 1, "    7 | ab\n      | ^\n"},
		{"ab", 2, "    7 | ab\n      |  ^\n"},
		{"\tb", 2, "    7 |     b\n      |     ^\n"},
		{"größe b", 9, "    7 | größe b\n      |       ^\n"},
		{"ab", 9, "    7 | ab\n      |   ^\n"}, // behind the end
		{"ab\r\n", 3, "    7 | ab\n      |   ^\n"},
		{"ab", 0, "    7 | ab\n"},
		{"", 4, ""},
	} {
		f := schema.Fault{Pos: schema.Pos{File: "x.proto", Line: 7, Col: test.col}, Text: "wrong", Source: test.source}
		_, got, _ := strings.Cut(f.Format(), "wrong\n")
		if got != test.want {
			t.Errorf("%q at %d: got\n%s\nwant\n%s", test.source, test.col, got, test.want)
		}
	}
}

func TestParseRange(t *testing.T) {
	for text, want := range map[string]schema.Range{
		"2000-2999": {Low: 2000, High: 2999}, "100-100": {Low: 100, High: 100}, "100 - 2147483647": {Low: 100, High: 2147483647},
		"": {}, "2000": {}, "-": {}, "99-200": {}, "200-199": {}, "100-2147483648": {}, "a-b": {}, "100-200-300": {},
	} {
		if got, ok := schema.ParseRange(text); got != want || ok == want.IsZero() {
			t.Errorf("%q: got %v, %v, want %v", text, got, ok, want)
		}
	}
}
