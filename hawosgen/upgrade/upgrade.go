// Package upgrade moves a project to a newer hawos: it renames keys of hawos.yaml
// and names of the runtime in the user's code, and raises the version in go.mod. A
// file is changed at the names alone, never printed anew. Start from Plan.
package upgrade

import (
	"bytes"
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/hawosgen/walk"
)

// Renames are what has another name than in earlier versions.
type Renames struct {
	// Keys are those of hawos.yaml, with dots between those of a path: up.scale.
	// Only the last part of a key may differ.
	Keys []Rename
	// Names are exported names of the runtime.
	Names []Rename
}

// Rename is one of them.
type Rename struct {
	Package string // Go import path; empty for a key
	Old     string
	New     string
}

// Known returns the renames that this hawosgen knows: none yet, for there is no
// version before the first.
func Known() Renames { return Renames{} }

// Edit is one place that is changed, or, with a Note, one that is left to the user.
type Edit struct {
	Line     int
	Old, New string
	Note     string
}

// File is one file that changes, or that there is something to say about.
type File struct {
	Path          string // slash-separated, relative to the project
	Before, After []byte
	Edits         []Edit
}

// Plan returns what changes in the project in dir, by path; it writes nothing.
// version is the hawos to require, such as v0.2.0; empty leaves go.mod as it is.
func Plan(dir string, r Renames, version string) ([]File, error) {
	var files []File
	add := func(name string, edit func(text []byte) ([]Edit, []byte, error)) error {
		text, err := os.ReadFile(name)
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil {
			return err
		}
		edits, after, err := edit(text)
		if err != nil || len(edits) == 0 {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		files = append(files, File{Path: filepath.ToSlash(rel), Before: text, After: after, Edits: edits})
		return err
	}
	err := add(filepath.Join(dir, project.File), func(text []byte) ([]Edit, []byte, error) { return keys(text, r.Keys) })
	if err != nil {
		return nil, err
	}
	p := &project.Project{Dir: dir}
	if version != "" && p.GoMod() != "" {
		if err := add(p.GoMod(), func(text []byte) ([]Edit, []byte, error) { return require(text, version) }); err != nil {
			return nil, err
		}
	}
	if len(r.Names) == 0 {
		return files, nil
	}
	err = walk.Files(dir, func(name string, _ fs.FileInfo) error {
		if filepath.Ext(name) != ".go" {
			return nil
		}
		return add(name, func(text []byte) ([]Edit, []byte, error) { return names(text, r.Names) })
	})
	slices.SortFunc(files, func(a, b File) int { return cmp.Compare(a.Path, b.Path) })
	return files, err
}

// Write writes the files of a plan. One that is not as it was planned from stops
// it before anything is written.
func Write(dir string, files []File) error {
	for _, f := range files {
		now, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
		if err != nil {
			return err
		}
		if !bytes.Equal(now, f.Before) {
			return errors.New(f.Path + ": changed while hawosgen ran: nothing is written, run again")
		}
	}
	for _, f := range files {
		if bytes.Equal(f.Before, f.After) {
			continue
		}
		if err := replace(filepath.Join(dir, filepath.FromSlash(f.Path)), f.After); err != nil {
			return err
		}
	}
	return nil
}

// replace swaps a file's text in one rename; a link stays one.
func replace(name string, text []byte) error {
	name, err := filepath.EvalSymlinks(name)
	if err != nil {
		return err
	}
	info, err := os.Stat(name)
	if err != nil {
		return err
	}
	temp, err := os.CreateTemp(filepath.Dir(name), ".hawosgen-*.tmp")
	if err != nil {
		return err
	}
	_, err = temp.Write(text)
	if err := errors.Join(err, temp.Chmod(info.Mode().Perm()), temp.Close()); err != nil {
		return errors.Join(err, os.Remove(temp.Name()))
	}
	return os.Rename(temp.Name(), name)
}

// isGenerated reports whether a Go file says in its head that it is.
func isGenerated(text []byte) bool {
	head, _, _ := bytes.Cut(text, []byte("\npackage "))
	return bytes.Contains(head, []byte("// Code generated ")) && bytes.Contains(head, []byte(" DO NOT EDIT."))
}
