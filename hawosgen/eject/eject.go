// Package eject lets templates of a project stand in for hawosgen's own. Such a
// template lies in the project's folder templates, under its name, and what
// hawosgen had at the time in templates/.original: so that after an upgrade it can
// say what has changed there since. Start from Load.
package eject

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/hawos/hawos/templates"
)

// Dir is the folder in a project that holds its templates.
const Dir = "templates"

// originals is the folder of what templates were when they were ejected.
const originals = Dir + "/.original"

// Template is one of hawosgen's templates in the eyes of a project.
type Template struct {
	Name     string // tree/cmd/_app_/main.go.tmpl
	BuiltIn  []byte // as this hawosgen has it; nil where it has none any more
	Own      []byte // as the project has it; nil where it is not ejected
	Original []byte // as hawosgen had it when the project ejected it; nil where that is not known
}

// IsEjected reports whether the project has its own.
func (t Template) IsEjected() bool { return t.Own != nil }

// HasChanged reports whether hawosgen's own is another one than when the project
// ejected it.
func (t Template) HasChanged() bool {
	return t.IsEjected() && t.Original != nil && string(t.Original) != string(t.BuiltIn)
}

// Path returns where the project's own template is, relative to the project.
func (t Template) Path() string { return path.Join(Dir, t.Name) }

// Load returns all templates for the project in dir, by name: hawosgen's, and
// ejected ones that hawosgen has no more.
func Load(dir string) ([]Template, error) {
	all, err := names(templates.FS, ".")
	if err != nil {
		return nil, err
	}
	left, err := ejected(dir)
	if err != nil {
		return nil, err
	}
	all = append(all, left...)
	slices.Sort(all)
	var out []Template
	for _, name := range slices.Compact(all) {
		t := Template{Name: name}
		if text, err := templates.FS.ReadFile(name); err == nil {
			t.BuiltIn = nonNil(text)
		}
		if t.Own, err = read(dir, t.Path()); err != nil {
			return nil, err
		}
		if t.Original, err = read(dir, path.Join(originals, name)); err != nil {
			return nil, err
		}
		out = append(out, t)
	}
	return out, nil
}

// Find returns the template that is meant by a name: with or without .tmpl at the
// end and templates/ or tree/ before.
func Find(list []Template, name string) (Template, error) {
	short := strings.TrimSuffix(strings.TrimPrefix(path.Clean(filepath.ToSlash(name)), Dir+"/"), ".tmpl")
	for _, t := range list {
		if slices.Contains([]string{short, "tree/" + short, "part/" + short}, strings.TrimSuffix(t.Name, ".tmpl")) {
			return t, nil
		}
	}
	return Template{}, fmt.Errorf("there is no template %q: hawosgen templates list shows all", name)
}

// Eject writes a copy of hawosgen's template into the project in dir.
func Eject(dir string, t Template) error {
	if t.IsEjected() {
		return fmt.Errorf("%s: is there already; delete it to begin anew with hawosgen's", t.Path())
	}
	if err := Merged(dir, t); err != nil {
		return err
	}
	return write(dir, t.Path(), t.BuiltIn)
}

// Merged records that the project's template takes account of hawosgen's as it is
// now.
func Merged(dir string, t Template) error {
	if t.BuiltIn == nil {
		return errors.New(t.Name + ": this hawosgen has no such template: nothing reads yours, delete it")
	}
	return write(dir, path.Join(originals, t.Name), t.BuiltIn)
}

// names returns the paths of the templates in a folder of fsys.
func names(fsys fs.FS, dir string) ([]string, error) {
	var out []string
	err := fs.WalkDir(fsys, dir, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path.Ext(name) == ".tmpl" {
			out = append(out, name)
		}
		return err
	})
	return out, err
}

// ejected returns the templates that the project has ejected once.
func ejected(dir string) ([]string, error) {
	root := filepath.Join(dir, filepath.FromSlash(originals))
	if _, err := os.Stat(root); err != nil {
		return nil, nil
	}
	return names(os.DirFS(root), ".")
}

// read returns a file's text, nil where there is none.
func read(dir, name string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return nonNil(text), err
}

func nonNil(text []byte) []byte {
	if text == nil {
		return []byte{}
	}
	return text
}

func write(dir, name string, text []byte) error {
	name = filepath.Join(dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, text, 0o644)
}
