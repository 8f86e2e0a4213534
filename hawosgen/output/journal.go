package output

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
)

// The folders of a run's journal: while it swaps files, and afterwards.
const (
	swapDir = ".hawos/swap"
	undoDir = ".hawos/undo"
)

// The files of a journal. The record is written last: a journal without one was
// cut off before the first swap. New contents have a file each, by number.
const (
	recordFile = "record.json"
	beforeFile = "before" // old contents, one behind the other
)

// journal is what one run changes, on the disk.
type journal struct {
	dir     string // of the project
	folder  string // of the journal
	entries []entry
	before  []byte
}

// entry is one file that a run changes. A hash is empty where there is no file.
type entry struct {
	Path   string      `json:"path"`
	Mode   fs.FileMode `json:"mode"`
	Before string      `json:"before,omitempty"`
	After  string      `json:"after,omitempty"`
	From   int         `json:"from"` // its old content in the file of them: from, to
	To     int         `json:"to"`
}

func swapFolder(dir string) string { return filepath.Join(dir, filepath.FromSlash(swapDir)) }

// stage writes the journal of the changes. No file of the project changes yet.
func (c *Changes) stage() (*journal, error) {
	j := &journal{dir: c.dir, folder: swapFolder(c.dir)}
	if err := errors.Join(os.RemoveAll(j.folder), os.MkdirAll(j.folder, 0o755)); err != nil {
		return nil, err
	}
	for i, change := range c.List {
		e := entry{Path: change.Path, Mode: 0o644, From: len(j.before)}
		if info, err := os.Stat(j.path(e)); err == nil {
			e.Mode = info.Mode().Perm()
		} else if change.mode != 0 {
			e.Mode = change.mode
		}
		if change.Before != nil {
			e.Before = hash(change.Before)
			j.before = append(j.before, change.Before...)
		}
		e.To = len(j.before)
		if change.Did != Removed {
			e.After = hash(change.After)
			if err := writeMode(j.staged(i), change.After, e.Mode); err != nil {
				return nil, err
			}
		}
		j.entries = append(j.entries, e)
	}
	text, err := json.Marshal(j.entries)
	if err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(j.folder, beforeFile), j.before, 0o644); err != nil {
		return nil, err
	}
	temp := filepath.Join(j.folder, recordFile+".tmp")
	if err := os.WriteFile(temp, text, 0o644); err != nil {
		return nil, err
	}
	return j, os.Rename(temp, filepath.Join(j.folder, recordFile))
}

func writeMode(name string, text []byte, mode fs.FileMode) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_TRUNC, 0o600)
	if err != nil {
		return err
	}
	_, err = f.Write(text)
	return errors.Join(err, f.Chmod(mode), f.Close())
}

// readJournal returns the journal in a folder; nil where none was completed.
func readJournal(dir, folder string) (*journal, error) {
	j := &journal{dir: dir, folder: filepath.Join(dir, filepath.FromSlash(folder))}
	text, err := os.ReadFile(filepath.Join(j.folder, recordFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(text, &j.entries); err != nil {
		return nil, fmt.Errorf("%s/%s: %w", folder, recordFile, err)
	}
	j.before, err = os.ReadFile(filepath.Join(j.folder, beforeFile))
	if err != nil {
		return nil, err
	}
	for _, e := range j.entries {
		if !filepath.IsLocal(filepath.FromSlash(e.Path)) || e.From < 0 || e.From > e.To || e.To > len(j.before) {
			return nil, fmt.Errorf("%s/%s: no journal of a run: delete the folder", folder, recordFile)
		}
	}
	return j, nil
}

func (j *journal) staged(i int) string { return filepath.Join(j.folder, strconv.Itoa(i)) }

func (j *journal) path(e entry) string { return filepath.Join(j.dir, filepath.FromSlash(e.Path)) }

// old returns what the file was before the run.
func (j *journal) old(e entry) []byte { return j.before[e.From:e.To] }

// now returns the hash of a file as it is; empty where there is none.
func (j *journal) now(e entry) (string, error) {
	text, err := os.ReadFile(j.path(e))
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	return hash(text), err
}

// keep makes the journal the one that Undo reads.
func (j *journal) keep() error {
	undo := filepath.Join(j.dir, filepath.FromSlash(undoDir))
	for i := range j.entries {
		if err := os.Remove(j.staged(i)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return errors.Join(os.RemoveAll(undo), os.Rename(j.folder, undo))
}

// discard removes the journal, its record first: without it nothing is rolled.
func (j *journal) discard() error {
	err := os.Remove(filepath.Join(j.folder, recordFile))
	return errors.Join(err, os.RemoveAll(j.folder))
}

// isStaged reports whether the new content of a file lies ready and is whole.
func (j *journal) isStaged(i int) bool {
	text, err := os.ReadFile(j.staged(i))
	return err == nil && hash(text) == j.entries[i].After
}

// put makes a file's content what text says, by one rename.
func (j *journal) put(e entry, text []byte) error {
	name := j.target(e)
	if now, err := os.ReadFile(name); err == nil && bytes.Equal(now, text) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	temp := filepath.Join(filepath.Dir(name), ".hawosgen-"+filepath.Base(name)+".tmp")
	if err := writeMode(temp, text, e.Mode); err != nil {
		return errors.Join(err, os.Remove(temp))
	}
	return os.Rename(temp, name)
}
