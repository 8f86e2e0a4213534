package report_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hawos/hawos/hawosgen/report"
	"github.com/hawos/hawos/hawosgen/schema"
)

var update = flag.Bool("update", false, "write testdata")

func rules() report.Rules {
	return report.Rules{
		{Name: "field-name", Doc: "A field is in lower_snake_case."},
		{Name: "id-removed", Doc: "A protocol ID stays.", Warning: true},
	}
}

func findings() []report.Finding {
	rs := rules()
	at := func(file string, line, col int) schema.Pos {
		return schema.Pos{Root: "protos", File: file, Line: line, Col: col}
	}
	return []report.Finding{
		{Fault: schema.Fault{Text: "there are no folders", Remedy: "name one"}},
		{Fault: schema.Fault{Pos: at("a b.proto", 0, 0), Text: "the whole file"}},
		rs.New("field-name", schema.Fault{Pos: at("chat/v1/chat.proto", 3, 13), Text: "field Ü is 100% wrong", Remedy: "write u", Source: "/* ü𝄞 */ string Ü = 1;"}),
		rs.New("id-removed", schema.Fault{
			Pos: at("chat/v1/chat.proto", 5, 3), Text: "rpc is gone", Source: "\tservice Chat {",
			Also: []schema.Note{{Text: "it was", Pos: schema.Pos{Root: "main:protos", File: "chat/v1/chat.proto", Line: 4, Col: 2}}},
		}),
	}
}

func TestFormatsPrintFindings(t *testing.T) {
	for _, name := range report.Formats() {
		t.Run(name, func(t *testing.T) {
			var f report.Format
			if err := f.Set(name); err != nil {
				t.Fatal(err)
			}
			var b strings.Builder
			if err := f.Write(&b, findings(), rules(), false); err != nil {
				t.Fatal(err)
			}
			golden(t, name, b.String())
		})
	}
	var b strings.Builder
	if err := report.Text.Write(&b, findings(), rules(), true); err != nil {
		t.Fatal(err)
	}
	golden(t, "colour", b.String())
}

func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", name+".txt")
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
}

func TestFormatRefusesOthers(t *testing.T) {
	f := report.Text
	if err := f.Set("xml"); err == nil || err.Error() != "must be one of text, github, sarif" || f != report.Text {
		t.Errorf("got %v and %s", err, f)
	}
}

func TestKeepLeavesOutWhatIsOff(t *testing.T) {
	lines := []string{
		"// hawosgen:off field-name, other", // 1
		"// More.",                          // 2
		"string A = 1;",                     // 3
		"string B = 2; // hawosgen:off field-name",
		"string C = 3; // hawosgen:off field-names",
		"",
		"// hawosgen:off field-name",
		"",
		"string D = 4;", // 9
	}
	line := func(_ string, n int) string { return lines[n-1] }
	rs := rules()
	finding := func(n int) report.Finding {
		return rs.New("field-name", schema.Fault{Pos: schema.Pos{File: "x", Line: n}, Text: "t"})
	}
	fault := report.Finding{Fault: schema.Fault{Pos: schema.Pos{File: "x", Line: 3}, Text: "f"}}
	var got []int
	for _, f := range report.Keep([]report.Finding{finding(9), finding(9), finding(3), finding(4), finding(5), fault}, nil, line) {
		got = append(got, f.Pos.Line)
	}
	if want := []int{3, 5, 9}; len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("got lines %v, want %v", got, want)
	}
	if kept := report.Keep([]report.Finding{finding(9), fault}, []string{"field-name"}, line); len(kept) != 1 || kept[0].Rule != "" {
		t.Errorf("got %v, want the fault alone", kept)
	}
	if err := rs.Check([]string{"field-name", "field-nam"}, "hawos.yaml: lint.off"); err == nil || err.Error() != `hawos.yaml: lint.off: there is no rule "field-nam": did you mean field-name?` {
		t.Errorf("got %v", err)
	}
	if n := report.Failures(findings()); n != 3 {
		t.Errorf("got %d failures, want 3", n)
	}
}
