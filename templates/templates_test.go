package templates_test

import (
	"io/fs"
	"path"
	"regexp"
	"strings"
	"testing"

	"github.com/hawos/hawos/templates"
)

// TestTemplatesStaySmall holds the rules of style: at most 120 lines, blocks two
// deep, and no comparing of strings, for templates do not decide.
func TestTemplatesStaySmall(t *testing.T) {
	action := regexp.MustCompile(`{{-?\s*(\w+)`)
	each(t, func(name, text string) {
		if n := strings.Count(text, "\n"); n > 120 {
			t.Errorf("%s has %d lines, want at most 120", name, n)
		}
		depth := 0
		for _, m := range action.FindAllStringSubmatch(text, -1) {
			switch m[1] {
			case "if", "range", "with":
				depth++
			case "define":
				depth = 0
			case "end":
				depth--
			case "eq", "ne":
				t.Errorf("%s compares", name)
			}
			if depth > 2 {
				t.Errorf("%s has blocks more than two deep", name)
			}
		}
		if strings.Contains(text, "{{if eq") || strings.Contains(text, "{{if ne") {
			t.Errorf("%s compares strings", name)
		}
	})
}

func TestOwnedFilesNameTheirTemplate(t *testing.T) {
	each(t, func(name, text string) {
		if strings.HasSuffix(name, ".hawos.go.tmpl") && !strings.HasPrefix(text, "// Template: templates/"+name+"\n") {
			t.Errorf("%s: its first line does not name it", name)
		}
	})
}

// each calls f for each template, and fails when the embedding lost those whose
// folders begin with _ or .
func each(t *testing.T, f func(name, text string)) {
	t.Helper()
	seen := map[string]bool{}
	err := fs.WalkDir(templates.FS, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		seen[path.Base(name)] = true
		text, err := fs.ReadFile(templates.FS, name)
		f(name, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"_file_.hawos.go.tmpl", ".gitignore.tmpl", "_app_.proto.tmpl", "service.tmpl"} {
		if !seen[name] {
			t.Errorf("%s is not embedded", name)
		}
	}
}
