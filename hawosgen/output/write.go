package output

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// editedDir is where copies of owned files that were edited by hand are kept.
const editedDir = ".hawos/edited"

// Write makes the project as it should be, all of it or nothing: what is written
// is recorded on the disk before the first file is swapped, and a run that is
// cut off is brought to its end by the next Recover. A file that changed since
// Compare stops it. What was there before is kept for Undo.
func (c *Changes) Write() error { return c.write(true) }

func (c *Changes) write(undoable bool) error {
	if c.IsEmpty() {
		return nil
	}
	lock, err := exclusive(c.dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	if Interrupted(c.dir) {
		return errors.New("another run was cut off meanwhile: nothing is written, run again")
	}
	for _, change := range c.List {
		if err := c.unchanged(change); err != nil {
			return err
		}
	}
	for _, change := range c.List {
		if change.Edited {
			if err := c.keepEdited(change); err != nil {
				return err
			}
		}
	}
	j, err := c.stage()
	if err != nil {
		return errors.Join(err, os.RemoveAll(swapFolder(c.dir)))
	}
	if err := j.forward(); err != nil {
		return errors.Join(err, j.back(), j.discard())
	}
	if !undoable {
		return j.discard()
	}
	return j.keep()
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

func (c *Changes) path(name string) string { return filepath.Join(c.dir, filepath.FromSlash(name)) }

// Scaffolds writes those of the files that are missing in the folder dir, and
// nothing else. Undo does not take it back.
func Scaffolds(dir string, files []File) error {
	c := &Changes{dir: dir}
	for _, f := range files {
		if err := c.compare(File{Path: f.Path, Rule: Once, Text: f.Text}, nil); err != nil {
			return err
		}
	}
	return c.write(false)
}
