// Package render prints templates. A template that names a field its data does
// not have fails with the template's name and line; Go that does not parse fails
// with the line that is wrong. Start from New.
package render

import (
	"bytes"
	"fmt"
	"go/format"
	"io/fs"
	"path"
	"strconv"
	"strings"
	"sync"
	"text/template"
)

// Renderer prints the templates of one file system.
type Renderer struct {
	parts *template.Template
	fs    fs.FS

	mu     sync.Mutex
	parsed map[string]*template.Template // by name
}

// New reads the shared blocks below part in fsys, whose files below tree Render
// prints.
func New(fsys fs.FS) (*Renderer, error) {
	parts, err := template.New("").Option("missingkey=error").Funcs(template.FuncMap{
		"doc": doc, "also": also, "quote": strconv.Quote,
	}).ParseFS(fsys, "part/*.tmpl")
	if err != nil {
		return nil, err
	}
	return &Renderer{parts: parts, fs: fsys, parsed: map[string]*template.Template{}}, nil
}

// Override puts a template in the place of the one of that name: one of part, or
// one that Render is asked for. It comes before the first Render, and those of
// part come first. Faults name the template by the path as, which is where the
// user finds it.
func (r *Renderer) Override(name, as string, text []byte) error {
	if !strings.HasPrefix(name, "part/") {
		return r.Add(name, as, text)
	}
	_, err := r.parts.New(as).Parse(string(text))
	return err
}

// Add takes in a further template for Render. Faults name it by the path as.
func (r *Renderer) Add(name, as string, text []byte) error {
	t, err := r.parse(as, text)
	if err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.parsed[name] = t
	return nil
}

// Render prints the template of the given path, such as
// tree/gen/_package_/_file_.hawos.go.tmpl. Go comes out formatted. It may be
// called concurrently.
func (r *Renderer) Render(name string, data any) ([]byte, error) {
	text, err := r.Print(name, data)
	if err != nil {
		return nil, err
	}
	return Format(name, text)
}

// Print is Render without the formatting.
func (r *Renderer) Print(name string, data any) ([]byte, error) {
	t, err := r.template(name)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := t.Execute(&out, data); err != nil {
		return nil, fmt.Errorf("%w\n\tthe template was given a %s", err, describe(data))
	}
	return out.Bytes(), nil
}

// template returns the parsed template of a name.
func (r *Renderer) template(name string) (*template.Template, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t := r.parsed[name]; t != nil {
		return t, nil
	}
	text, err := fs.ReadFile(r.fs, name)
	if err != nil {
		return nil, fmt.Errorf("template %s: %w", name, err)
	}
	t, err := r.parse(name, text)
	if err != nil {
		return nil, err
	}
	r.parsed[name] = t
	return t, nil
}

// parse parses a template that may use the shared blocks. Faults call it as.
func (r *Renderer) parse(as string, text []byte) (*template.Template, error) {
	t, err := r.parts.Clone()
	if err != nil {
		return nil, err
	}
	return t.New(as).Parse(string(text))
}

// Format returns what Print printed from the template of that name, as gofmt
// would have it where it is Go.
func Format(name string, text []byte) ([]byte, error) {
	if path.Ext(strings.TrimSuffix(name, ".tmpl")) != ".go" {
		return text, nil
	}
	formatted, err := format.Source(text)
	if err != nil {
		return nil, fmt.Errorf("template %s prints no Go: %w\n%s", name, err, numbered(text))
	}
	return formatted, nil
}

// Stub prints one method of a handler, as it is first written.
func (r *Renderer) Stub(data any) (string, error) {
	var out bytes.Buffer
	if err := r.parts.ExecuteTemplate(&out, "stub", data); err != nil {
		return "", err
	}
	formatted, err := format.Source(out.Bytes())
	if err != nil {
		return "", fmt.Errorf("template part/stub.tmpl prints no Go: %w\n%s", err, numbered(out.Bytes()))
	}
	return string(formatted), nil
}

// doc returns the text as comment lines, each with its newline; nothing for no
// text.
func doc(text any) string {
	s := strings.TrimSpace(fmt.Sprint(text))
	if s == "" {
		return ""
	}
	return "// " + strings.ReplaceAll(clean(s), "\n", "\n// ") + "\n"
}

// also returns the text as a further paragraph of a comment that stands before
// it on the same line.
func also(text any) string {
	if s := doc(text); s != "" {
		return "\n//\n" + strings.TrimSuffix(s, "\n")
	}
	return ""
}

// clean removes what a line comment cannot hold.
func clean(s string) string {
	return strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "", "\ufeff", "").Replace(s)
}

// numbered returns the text with line numbers.
func numbered(text []byte) string {
	var b strings.Builder
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		fmt.Fprintf(&b, "%4d  %s", n, line)
	}
	return b.String()
}
