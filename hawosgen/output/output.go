// Package output writes a project's files: all of them or none. Compare holds
// what should be against what is, without touching anything; Write then records
// the files that differ and swaps them, one rename each; Recover ends what was cut
// off, and Undo takes it back.
//
// A manifest in the folder of owned files has the hash of each of them. By it
// Compare knows which are stale and which somebody edited by hand.
package output

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
)

// Rule says when a file is written.
type Rule uint8

// The rules.
const (
	Owned Rule = iota // always as given; removed when no longer given
	Once              // where there is none
	Kept              // always as given; never removed
)

// File is one file as it should be.
type File struct {
	Path string // slash-separated, relative to the project's folder
	Rule Rule
	Text []byte
}

// Did says what becomes of a file.
type Did uint8

// What may become of a file.
const (
	Created Did = iota
	Updated
	Removed
)

// String returns the verb for a report.
func (d Did) String() string { return [...]string{"create", "update", "remove"}[d] }

// Change is one file that differs from what it should be.
type Change struct {
	Path   string
	Did    Did
	Before []byte // nil where there is no file
	After  []byte // nil where there should be none
	// Edited says that the file is owned and is not as hawosgen wrote it. Write
	// keeps a copy in .hawos/edited.
	Edited bool

	mode fs.FileMode // of a file that comes back; 0: the usual one
}

// Changes are all changes of one run. The zero value has none.
type Changes struct {
	List []Change // by path

	dir string
}

// IsEmpty reports whether the project is as it should be.
func (c *Changes) IsEmpty() bool { return len(c.List) == 0 }

// Compare holds files against those in the project's folder dir, whose owned
// files are in out. It changes nothing. A file that would be overwritten and is
// not hawosgen's is an error.
func Compare(dir, out string, files []File) (*Changes, error) {
	c := &Changes{dir: dir}
	known, err := readManifest(dir, out)
	if err != nil {
		return nil, err
	}
	next := manifest{}
	var errs []error
	for _, f := range files {
		if f.Rule == Owned {
			next[f.Path] = hash(f.Text)
		}
		errs = append(errs, c.compare(f, known))
	}
	errs = append(errs, c.findStale(known, next))
	errs = append(errs, c.compare(File{Path: manifestPath(out), Rule: Kept, Text: next.text()}, known))
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	slices.SortFunc(c.List, func(a, b Change) int { return cmp.Compare(a.Path, b.Path) })
	return c, nil
}

func (c *Changes) compare(f File, known manifest) error {
	before, err := c.read(f.Path)
	switch {
	case err != nil:
		return err
	case before == nil:
		c.List = append(c.List, Change{Path: f.Path, Did: Created, After: f.Text})
		return nil
	case f.Rule == Once || bytes.Equal(before, f.Text):
		return nil
	}
	change := Change{Path: f.Path, Did: Updated, Before: before, After: f.Text}
	if f.Rule == Owned {
		written, ours := known[f.Path]
		if !ours && !isGenerated(before) {
			return fmt.Errorf("%s: hawosgen did not write this file, and would have to: move it out of the way", f.Path)
		}
		change.Edited = ours && written != hash(before)
	}
	c.List = append(c.List, change)
	return nil
}

// findStale takes in the files that hawosgen wrote and writes no more.
func (c *Changes) findStale(known, next manifest) error {
	for _, path := range slices.Sorted(maps.Keys(known)) {
		if _, still := next[path]; still {
			continue
		}
		before, err := c.read(path)
		if err != nil {
			return err
		}
		if before != nil {
			c.List = append(c.List, Change{Path: path, Did: Removed, Before: before, Edited: known[path] != hash(before)})
		}
	}
	return nil
}

// read returns a file's content; nil where there is none.
func (c *Changes) read(path string) ([]byte, error) {
	text, err := os.ReadFile(filepath.Join(c.dir, filepath.FromSlash(path)))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err == nil && text == nil {
		text = []byte{}
	}
	return text, err
}
