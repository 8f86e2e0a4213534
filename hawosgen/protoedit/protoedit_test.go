package protoedit_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/hawos/hawos/hawosgen/protoedit"
	"github.com/hawos/hawos/hawosgen/schema"
)

var update = flag.Bool("update", false, "write the results into testdata")

// TestAddRPC adds an rpc to the file before of each archive, with tabs, CRLF and
// byte order marks written as the archive's comment says.
func TestAddRPC(t *testing.T) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no archives: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			a, err := txtar.ParseFile(file)
			if err != nil || len(a.Files) != 2 {
				t.Fatal(err, len(a.Files))
			}
			before := string(a.Files[0].Data)
			if strings.Contains(string(a.Comment), "no newline at the end") {
				before = strings.TrimSuffix(before, "\n")
			}
			crlf := strings.Contains(string(a.Comment), "CRLF")
			if crlf {
				before = "\xef\xbb\xbf" + strings.ReplaceAll(before, "\n", "\r\n")
			}
			src, s := compile(t, before)
			rpc := protoedit.RPC{Name: "Kick", ID: 2009, Doc: "Kick sends a client away.\n\nIt may come back."}
			if strings.Contains(string(a.Comment), "bare") {
				rpc = protoedit.RPC{Name: "Kick", Request: "SendRequest", Reply: "Answer"}
			}
			out, faults := protoedit.AddRPC(src, s, s.Services[0], rpc)
			if faults != nil {
				t.Fatal(faults)
			}
			_, after := compile(t, string(out))
			methods := after.Services[0].Methods
			if m := methods[len(methods)-1]; m.Desc.Name() != "Kick" || m.ID != rpc.ID || m.Doc != rpc.Doc {
				t.Errorf("got the rpc %s with ID %d and the doc %q", m.Desc.Name(), m.ID, m.Doc)
			}
			got := string(out)
			if crlf {
				if n := strings.Count(got, "\r\n"); n != strings.Count(got, "\n") || !strings.HasPrefix(got, "\xef\xbb\xbf") {
					t.Errorf("got other line ends: %q", got)
				}
				got = strings.TrimPrefix(strings.ReplaceAll(got, "\r\n", "\n"), "\xef\xbb\xbf")
			}
			if *update {
				a.Files[1].Data = []byte(got)
				if err := os.WriteFile(file, txtar.Format(a), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if want := string(a.Files[1].Data); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
			keepsBytes(t, before, string(out))
		})
	}
}

// keepsBytes fails unless all of before is in after, in its order, but for white
// space.
func keepsBytes(t *testing.T, before, after string) {
	t.Helper()
	rest := after
	for i, ch := range []byte(before) {
		if strings.ContainsRune(" \t\r\n", rune(ch)) {
			continue
		}
		at := strings.IndexByte(rest, ch)
		if at < 0 {
			t.Errorf("%q got lost", before[i:])
			return
		}
		rest = rest[at+1:]
	}
}

func TestRenameRPCChangesTheNameAlone(t *testing.T) {
	const text = "syntax = \"proto3\";\npackage p.v1;\nmessage Msg {}\n// Send, once.\nservice S {\n\t// Send sends.\n\trpc /* Send */ Send ( Msg )returns(Msg);\n}\n"
	src, s := compile(t, text)
	out, faults := protoedit.RenameRPC(src, s.Services[0].Methods[0], "Post")
	if want := strings.Replace(text, "*/ Send (", "*/ Post (", 1); faults != nil || string(out) != want {
		t.Errorf("got %v\n%s\nwant\n%s", faults, out, want)
	}
}

func compile(t *testing.T, text string) (*schema.Sources, *schema.Schema) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "chat.proto"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	src, faults := schema.Read(schema.Config{Roots: []string{dir}, Module: "example.com/demo", Out: "gen"})
	if faults != nil {
		t.Fatal(faults)
	}
	s, faults := src.Compile(t.Context())
	if faults != nil {
		t.Fatalf("%v\n%s", faults, text)
	}
	return src, s
}

// FuzzAddRPC looks for files that lose something, or do not parse any more, when
// an rpc is added.
func FuzzAddRPC(f *testing.F) {
	for _, pattern := range []string{"testdata/*.txtar", "../schema/testdata/good/*/protos/*/*/*.proto"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("no seeds: %v", err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			if a := txtar.Parse(text); len(a.Files) > 0 {
				text = a.Files[0].Data
			}
			f.Add(string(text))
		}
	}
	f.Fuzz(func(t *testing.T, text string) {
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "chat.proto"), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		src, faults := schema.Read(schema.Config{Roots: []string{dir}, Module: "example.com/demo", Out: "gen"})
		if faults != nil {
			t.Fatal(faults)
		}
		s, _ := src.Compile(t.Context())
		if s == nil || len(s.Services) == 0 {
			return
		}
		out, faults := protoedit.AddRPC(src, s, s.Services[0], protoedit.RPC{Name: "Xyz", ID: 99_999})
		if faults != nil {
			t.Fatal(faults)
		}
		edited := src.With(map[string][]byte{"chat.proto": out})
		if _, faults := edited.Tree("chat.proto"); faults != nil {
			t.Fatalf("%v\n%s\nafter\n%s", faults, out, text)
		}
		keepsBytes(t, text, string(out))
		after, _ := edited.Compile(t.Context())
		if after == nil { // out of the range, say
			return
		}
		if got, want := len(after.Services[0].Methods), len(s.Services[0].Methods)+1; got != want {
			t.Errorf("got %d rpcs, want %d", got, want)
		}
	})
}
