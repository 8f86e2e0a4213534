package protofmt_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/hawos/hawos/hawosgen/protofmt"
	"github.com/hawos/hawos/hawosgen/schema"
)

var update = flag.Bool("update", false, "write testdata")

// read returns the sources of a project that has one file, x.proto.
func read(t *testing.T, text string) *schema.Sources {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "x.proto"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	src, faults := schema.Read(schema.Config{Roots: []string{dir}, Module: "example.com/demo", Out: "gen"})
	if faults != nil {
		t.Fatal(faults)
	}
	return src
}

// formatted returns a text in hawos's form, and fails unless that form stays.
func formatted(t *testing.T, text string) string {
	t.Helper()
	src := read(t, text)
	out, faults, err := protofmt.File(src, "x.proto")
	if faults != nil || err != nil {
		t.Fatalf("%v %v\n%s", faults, err, text)
	}
	again, faults, err := protofmt.File(src.With(map[string][]byte{"x.proto": out}), "x.proto")
	if faults != nil || err != nil || string(again) != string(out) {
		t.Errorf("formatted twice: got %v %v\n%s\nwant\n%s", faults, err, again, out)
	}
	return string(out)
}

func TestFile(t *testing.T) {
	files, err := filepath.Glob("testdata/*.proto")
	if err != nil || len(files) == 0 {
		t.Fatalf("no files: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := formatted(t, string(text))
			golden := strings.TrimSuffix(file, ".proto") + ".want"
			if *update {
				if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(golden)
			if err != nil {
				t.Fatal(err)
			}
			if got != string(want) {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

func TestFileKeepsLineEnds(t *testing.T) {
	const mark = "\xef\xbb\xbf"
	got := formatted(t, mark+"syntax = \"proto3\";\r\n/* a\r\n b */\r\nmessage A{ }\r\n")
	if want := mark + "syntax = \"proto3\";\r\n/* a\r\n b */\r\nmessage A {}\r\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestFileReportsSyntax(t *testing.T) {
	out, faults, err := protofmt.File(read(t, "syntax = \"proto3\";\nmessage {}\n"), "x.proto")
	if out != nil || err != nil || len(faults) != 1 || faults[0].Pos.Line != 2 {
		t.Errorf("got %q, %v, %v", out, faults, err)
	}
}

// The sample and the tests' schemas keep their meaning and their comments.
func TestFileKeepsComments(t *testing.T) {
	var files []string
	for _, dir := range []string{"../../sample/protos", "../schema/testdata/good", "../../runtime/hawospb", "../generate/testdata"} {
		err := filepath.WalkDir(dir, func(name string, _ os.DirEntry, err error) error {
			if filepath.Ext(name) == ".proto" {
				files = append(files, name)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(files) < 10 {
		t.Fatalf("got %d files", len(files))
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, faults := read(t, string(text)).Tree("x.proto"); faults != nil {
			continue
		}
		out := formatted(t, string(text))
		if got, want := comments(t, out), comments(t, string(text)); !proto.Equal(got, want) {
			t.Errorf("%s: comments belong to other things\ngot  %v\nwant %v", name, got, want)
		}
		if strings.HasPrefix(name, "../../sample") && out != string(text) {
			t.Errorf("%s is not in the form: run hawosgen fmt", name)
		}
	}
}

// comments returns which comments a text has at which of its parts; nil where it
// does not compile alone.
func comments(t *testing.T, text string) *descriptorpb.SourceCodeInfo {
	s, faults := read(t, text).Compile(t.Context())
	if faults != nil {
		return nil
	}
	info := proto.Clone(s.File("x.proto").Proto.GetSourceCodeInfo()).(*descriptorpb.SourceCodeInfo)
	for _, l := range info.Location {
		l.Span = nil
		for _, text := range []**string{&l.LeadingComments, &l.TrailingComments} {
			if *text != nil {
				*text = proto.String(strings.Join(strings.Fields(**text), " "))
			}
		}
		for i, text := range l.LeadingDetachedComments {
			l.LeadingDetachedComments[i] = strings.Join(strings.Fields(text), " ")
		}
	}
	return info
}

// FuzzFile looks for texts that do not stay what they are in another form, or
// that have two forms.
func FuzzFile(f *testing.F) {
	for _, pattern := range []string{"testdata/*.proto", "../schema/testdata/*/*/protos/*/*/*.proto", "../../sample/protos/*/*/*.proto"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("no seeds: %v", err)
		}
		for _, name := range files {
			text, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(text))
		}
	}
	f.Add("syntax=\"proto3\";;message A{//x\nint32 a/*y*/=1/*z*/;/*v*//*w*/}/*end*/")
	f.Add("option(a)={[type.x/y.z]{}b<>c:[{},{d:1;e:2}]};")
	f.Fuzz(func(t *testing.T, text string) {
		src := read(t, text)
		if _, faults := src.Tree("x.proto"); faults != nil {
			return
		}
		out := formatted(t, text)
		before, faults := src.Compile(t.Context())
		after, faultsAfter := read(t, out).Compile(t.Context())
		if len(faults) != len(faultsAfter) {
			t.Errorf("got faults %v, want %v", faultsAfter, faults)
		}
		if before == nil || after == nil {
			return
		}
		if got, want := encoded(t, after), encoded(t, before); got != want {
			t.Errorf("means something else:\n%s\nafter\n%s", out, text)
		}
	})
}

// encoded returns the descriptor of x.proto as bytes, without places. (The
// compiler makes types of options anew each time, so that they are not equal.)
func encoded(t *testing.T, s *schema.Schema) string {
	d := proto.Clone(s.File("x.proto").Proto).(*descriptorpb.FileDescriptorProto)
	d.SourceCodeInfo = nil
	text, err := proto.MarshalOptions{Deterministic: true}.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
