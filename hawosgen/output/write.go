package output

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
)

// editedDir is where copies of owned files that were edited by hand are kept.
const editedDir = ".hawos/edited"

// Write makes the project as it should be. All new contents are on the disk
// before the first file is swapped; a file that changed since Compare stops it.
func (c *Changes) Write() error {
	// The manifest last: a run that is cut off leaves files newer than it, which
	// the next run knows by their text.
	list := slices.Clone(c.List)
	slices.SortStableFunc(list, func(a, b Change) int { return cmp.Compare(isManifest(a), isManifest(b)) })
	var staged []stagedFile
	defer func() {
		for _, s := range staged {
			_ = os.Remove(s.temp) // gone where it was swapped in
		}
	}()
	for _, change := range list {
		if err := c.unchanged(change); err != nil {
			return err
		}
		if change.Edited {
			if err := c.keepEdited(change); err != nil {
				return err
			}
		}
		if change.Did == Removed {
			continue
		}
		s, err := c.stage(change)
		if err != nil {
			return err
		}
		staged = append(staged, s)
	}
	for _, s := range staged {
		if err := os.Rename(s.temp, s.name); err != nil {
			return err
		}
	}
	return c.remove()
}

func isManifest(c Change) int {
	if path.Base(c.Path) == ManifestFile {
		return 1
	}
	return 0
}

// stagedFile is a file's new content beside it.
type stagedFile struct{ temp, name string }

func (c *Changes) stage(change Change) (stagedFile, error) {
	name := c.path(change.Path)
	mode := os.FileMode(0o644)
	// A link stays a link: what it points to is swapped.
	if target, err := filepath.EvalSymlinks(name); err == nil {
		name = target
		if info, err := os.Stat(name); err == nil {
			mode = info.Mode().Perm()
		}
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return stagedFile{}, err
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".hawosgen-*.tmp")
	if err != nil {
		return stagedFile{}, err
	}
	_, err = f.Write(change.After)
	if err := errors.Join(err, f.Chmod(mode), f.Close()); err != nil {
		return stagedFile{}, errors.Join(err, os.Remove(f.Name()))
	}
	return stagedFile{temp: f.Name(), name: name}, nil
}

// unchanged returns an error where the file is not as Compare saw it.
func (c *Changes) unchanged(change Change) error {
	now, err := c.read(change.Path)
	if err != nil {
		return err
	}
	if (now == nil) != (change.Before == nil) || !bytes.Equal(now, change.Before) {
		return fmt.Errorf("%s: changed while hawosgen ran: nothing is written, run again", change.Path)
	}
	return nil
}

func (c *Changes) keepEdited(change Change) error {
	name := c.path(EditedCopy(change.Path))
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, change.Before, 0o644)
}

// EditedCopy returns the path of the copy that Write keeps of an owned file that
// was edited by hand.
func EditedCopy(path string) string { return editedDir + "/" + path }

// remove deletes the stale files, and the folders that they leave empty.
func (c *Changes) remove() error {
	for _, change := range c.List {
		if change.Did != Removed {
			continue
		}
		name := c.path(change.Path)
		if err := os.Remove(name); err != nil {
			return err
		}
		for dir := filepath.Dir(name); dir != c.dir && os.Remove(dir) == nil; dir = filepath.Dir(dir) {
		}
	}
	return nil
}

func (c *Changes) path(name string) string { return filepath.Join(c.dir, filepath.FromSlash(name)) }

// Scaffolds writes those of the files that are missing in the folder dir, and
// nothing else.
func Scaffolds(dir string, files []File) error {
	c := &Changes{dir: dir}
	for _, f := range files {
		if err := c.compare(File{Path: f.Path, Rule: Once, Text: f.Text}, nil); err != nil {
			return err
		}
	}
	return c.Write()
}
