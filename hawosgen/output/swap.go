package output

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// forward swaps in all files that are not as they should be yet.
func (j *journal) forward() error {
	for i, e := range j.entries {
		if err := j.swap(i, e); err != nil {
			return err
		}
	}
	return nil
}

// swap makes one file as the run wants it.
func (j *journal) swap(i int, e entry) error {
	if e.After == "" {
		return j.remove(e)
	}
	name := j.target(e)
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	err := os.Rename(j.staged(i), name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil // swapped by the run that was cut off
	case errors.Is(err, syscall.EXDEV):
		text, err := os.ReadFile(j.staged(i))
		if err != nil {
			return err
		}
		return j.put(e, text)
	}
	return err
}

// target returns the file to swap. A link stays a link: what it points to is
// swapped.
func (j *journal) target(e entry) string {
	name := j.path(e)
	if to, err := filepath.EvalSymlinks(name); err == nil {
		return to
	}
	return name
}

// remove deletes a file, and the folders that it leaves empty.
func (j *journal) remove(e entry) error {
	name := j.path(e)
	if err := os.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for dir := filepath.Dir(name); dir != j.dir && os.Remove(dir) == nil; dir = filepath.Dir(dir) {
	}
	return nil
}

// back restores the files that were swapped. Those that somebody else changed
// since stay.
func (j *journal) back() error {
	var errs []error
	for _, e := range j.entries {
		now, err := j.now(e)
		switch {
		case err != nil:
			errs = append(errs, err)
		case now != e.After || now == e.Before:
		case e.Before == "":
			errs = append(errs, j.remove(e))
		default:
			errs = append(errs, j.put(e, j.old(e)))
		}
	}
	return errors.Join(errs...)
}
