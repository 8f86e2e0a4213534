package output

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
)

// Interrupted reports whether a run was cut off in the project in dir while it
// swapped files, or is at it.
func Interrupted(dir string) bool {
	_, err := os.Lstat(filepath.Join(swapFolder(dir), recordFile))
	return err == nil
}

// Recover brings a run that was cut off in the project in dir to its end: the
// rest of its files are swapped in. Where somebody changed one of them since,
// those that were swapped are taken back instead. It waits for a run that is at
// it, and does nothing where none was cut off.
func Recover(dir string) error {
	if _, err := os.Lstat(swapFolder(dir)); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	lock, err := exclusive(dir)
	if err != nil {
		return err
	}
	defer lock.Close()
	j, err := readJournal(dir, swapDir)
	if err != nil {
		return err
	}
	if j == nil {
		return os.RemoveAll(swapFolder(dir)) // cut off before the first swap
	}
	whole, err := j.isWhole()
	if err != nil {
		return err
	}
	if whole {
		return errors.Join(j.forward(), j.keep())
	}
	return errors.Join(j.back(), j.discard())
}

// isWhole reports whether each file is either as before with its new content
// ready, or as the run wants it.
func (j *journal) isWhole() (bool, error) {
	for i, e := range j.entries {
		now, err := j.now(e)
		if err != nil {
			return false, err
		}
		ready := e.After == "" || j.isStaged(i)
		if now != e.After && (now != e.Before || !ready) {
			return false, nil
		}
	}
	return true, nil
}

// exclusive waits until no other hawosgen writes in the project in dir. Closing
// the file, or the end of the process, lets the next one in.
func exclusive(dir string) (*os.File, error) {
	name := filepath.Join(dir, ".hawos", "run.lock")
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}
