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
	words := strings.Fields(after)
	for _, w := range strings.Fields(before) {
		for len(words) > 0 && !strings.Contains(words[0], w) {
			words = words[1:]
		}
		if len(words) == 0 {
			t.Errorf("%q got lost", w)
			return
		}
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
