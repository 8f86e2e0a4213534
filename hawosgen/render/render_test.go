package render_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"github.com/hawos/hawos/hawosgen/render"
)

func renderer(t *testing.T, text string) *render.Renderer {
	t.Helper()
	r, err := render.New(fstest.MapFS{
		"part/p.tmpl":       {Data: []byte(`{{define "p"}}const p = 1{{end}}`)},
		"tree/x.go.tmpl":    {Data: []byte(text)},
		"tree/note.md.tmpl": {Data: []byte("{{.Name}}  \n")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestGoComesOutFormatted(t *testing.T) {
	got, err := renderer(t, "package x\n{{template \"p\"}}\n{{doc .Doc}}var   y=1\n").Render("tree/x.go.tmpl", map[string]string{"Doc": "Y is.\n\nMore.\r\n"})
	if want := "package x\n\nconst p = 1\n\n// Y is.\n//\n// More.\nvar y = 1\n"; err != nil || string(got) != want {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
}

func TestOtherFilesComeOutAsTheyStand(t *testing.T) {
	got, err := renderer(t, "").Render("tree/note.md.tmpl", struct{ Name string }{"n"})
	if err != nil || string(got) != "n  \n" {
		t.Errorf("got %q (%v)", got, err)
	}
}

func TestFaultsNameTemplateAndLine(t *testing.T) {
	for name, c := range map[string]struct{ text, want string }{
		"missing field": {"package x\n\nvar y = {{.Missing}}\n", "tree/x.go.tmpl:3:10"},
		"no Go":         {"package x\n\nfunc {\n", "template tree/x.go.tmpl prints no Go: 3:6"},
		"no template":   {"package x\n{{template \"none\"}}\n", `template "none" not defined`},
	} {
		_, err := renderer(t, c.text).Render("tree/x.go.tmpl", struct{}{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
	if _, err := renderer(t, "").Render("tree/none.tmpl", nil); err == nil {
		t.Error("a template that is not there printed something")
	}
}
