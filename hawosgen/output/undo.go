package output

import (
	"errors"
	"fmt"
)

// ErrNoRun is returned by Undo where there is no run to take back.
var ErrNoRun = errors.New("there is no run to take back")

// Undo returns the changes that take the last run in the project in dir back, in
// owned files and the user's alike. A file that changed since is an error, one
// for each. Undone twice, the run is there again.
func Undo(dir string) (*Changes, error) {
	if err := Recover(dir); err != nil {
		return nil, err
	}
	j, err := readJournal(dir, undoDir)
	if err != nil {
		return nil, err
	}
	if j == nil {
		return nil, ErrNoRun
	}
	c := &Changes{dir: dir}
	var errs []error
	for _, e := range j.entries {
		now, err := c.read(e.Path)
		if err != nil {
			return nil, err
		}
		change := Change{Path: e.Path, Did: Updated, Before: now, mode: e.Mode}
		switch {
		case (now == nil) != (e.After == "") || now != nil && hash(now) != e.After:
			errs = append(errs, fmt.Errorf("%s: changed since the last run", e.Path))
			continue
		case e.Before == "":
			change.Did = Removed
		default:
			change.After = append([]byte{}, j.old(e)...)
			if now == nil {
				change.Did = Created
			}
		}
		c.List = append(c.List, change)
	}
	if len(errs) > 0 {
		return nil, errors.Join(append(errs, errors.New("nothing is taken back"))...)
	}
	return c, nil
}
