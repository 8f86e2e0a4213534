// Package splice completes the user's handlers: it adds the methods that a type
// lacks, mends signatures and follows renames, in the bytes of the user's files
// where they stand. Every other byte stays. A file that would not parse
// afterwards is not changed.
//
// Start from Load, then Tree.Handler for each service, then Tree.Files.
package splice

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Tree are the Go packages in which the handlers of one app may stand.
type Tree struct {
	root  string
	fset  *token.FileSet
	known map[string]string
	files []*file // by path
	notes []Note
}

// file is one of the user's Go files.
type file struct {
	path  string // slash-separated, relative to the project's folder
	text  []byte
	ast   *ast.File
	edits []edit
	known map[string]string // names of packages by path, where a file gives none
	added map[string]string // imports that the edits need: path → name
	moved map[string]moved  // imports whose package is elsewhere now, by the path that the file has

	dropped map[*ast.ImportSpec]bool // imports that the edits leave unused
}

// moved is where a package went, and the name by which the file knows it.
type moved struct{ path, name string }

// Note tells the user what is left to do, and where.
type Note struct {
	Place string // file:line:col
	Text  string
}

// String returns the note as a line of a report.
func (n Note) String() string { return n.Place + ": " + n.Text }

// File is a user's file with what was spliced into it.
type File struct {
	Path string
	Text []byte
}

// Load reads the Go files, tests excepted, in the folders dirs of the project
// root and below. Files that do not parse are an error that names the line of
// each; a missing folder is an empty tree. known has the names of the schema's Go
// packages, by path.
func Load(root string, known map[string]string, dirs ...string) (*Tree, error) {
	t := &Tree{root: root, fset: token.NewFileSet(), known: known}
	var errs []error
	for _, dir := range dirs {
		errs = append(errs, t.load(dir))
	}
	return t, errors.Join(errs...)
}

func (t *Tree) load(dir string) error {
	var errs []error
	root := t.root
	start := filepath.Join(root, filepath.FromSlash(dir))
	err := filepath.WalkDir(start, func(name string, d fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist) && name == start:
			return fs.SkipAll
		case err != nil:
			return err
		case d.IsDir() && name != start && (d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") || strings.HasPrefix(d.Name(), "_")):
			return fs.SkipDir
		case d.IsDir() || !strings.HasSuffix(name, ".go") || strings.HasSuffix(name, "_test.go"):
			return nil
		}
		rel, err := filepath.Rel(root, name)
		if err != nil {
			return err
		}
		errs = append(errs, t.add(name, filepath.ToSlash(rel)))
		return nil
	})
	return errors.Join(append(errs, err)...)
}

func (t *Tree) add(name, rel string) error {
	text, err := os.ReadFile(name)
	if err != nil {
		return err
	}
	parsed, err := parser.ParseFile(t.fset, rel, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("%w: hawosgen adds to no package that does not parse: mend it and run again", err)
	}
	if isIgnored(parsed) {
		return nil
	}
	t.files = append(t.files, &file{
		path: rel, text: text, ast: parsed, known: t.known,
		added: map[string]string{}, moved: map[string]moved{}, dropped: map[*ast.ImportSpec]bool{},
	})
	return nil
}

// isIgnored reports whether a file is in no build: //go:build ignore.
func isIgnored(f *ast.File) bool {
	for _, group := range f.Comments {
		for _, c := range group.List {
			if c.Pos() < f.Package && strings.TrimSpace(c.Text) == "//go:build ignore" {
				return true
			}
		}
	}
	return false
}

// PackageName returns the name of the package in the folder dir; empty where it
// has none.
func (t *Tree) PackageName(dir string) string {
	for _, f := range t.files {
		if path.Dir(f.path) == dir {
			return f.ast.Name.Name
		}
	}
	return ""
}

// Notes returns what is left to the user.
func (t *Tree) Notes() []Note { return t.notes }

// Files returns the files that changed, with their new text.
func (t *Tree) Files() ([]File, error) {
	var out []File
	var errs []error
	for _, f := range t.files {
		if len(f.edits) == 0 {
			continue
		}
		f.dropUnused(t)
		f.addImports(t)
		text := apply(f.text, f.edits)
		if _, err := parser.ParseFile(token.NewFileSet(), f.path, text, parser.SkipObjectResolution); err != nil {
			errs = append(errs, fmt.Errorf("%w: this file has a shape that hawosgen cannot add to: write the methods yourself", err))
			continue
		}
		out = append(out, File{Path: f.path, Text: text})
	}
	return out, errors.Join(errs...)
}

func (t *Tree) note(at token.Pos, text string) {
	p := t.fset.Position(at)
	t.notes = append(t.notes, Note{Place: fmt.Sprintf("%s:%d:%d", p.Filename, p.Line, p.Column), Text: text})
}

// offset returns where a position lies in its file's text.
func (t *Tree) offset(at token.Pos) int { return t.fset.Position(at).Offset }

// edit replaces text[from:to].
type edit struct {
	from, to int
	with     string
}

// apply carries out edits that do not overlap. Inserted lines end as those of
// the text do.
func apply(text []byte, edits []edit) []byte {
	edits = slices.Clone(edits)
	slices.SortStableFunc(edits, func(a, b edit) int { return a.from - b.from })
	edits = slices.Compact(edits)
	crlf := bytes.Count(text, []byte("\r\n"))*2 > bytes.Count(text, []byte("\n"))
	var out []byte
	at := 0
	for _, e := range edits {
		if crlf {
			e.with = strings.ReplaceAll(e.with, "\n", "\r\n")
		}
		out = append(append(out, text[at:e.from]...), e.with...)
		at = e.to
	}
	return append(out, text[at:]...)
}
