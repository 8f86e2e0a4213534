package supervise

import (
	"errors"
	"fmt"
	"os"
	"strconv"
	"strings"
	"syscall"
)

// Lock is held by one process at a time. The system gives it back when that process ends, however it ends.
type Lock struct{ file *os.File }

// LockedError says who holds a Lock.
type LockedError struct{ PID int }

// Error names the process.
func (e *LockedError) Error() string { return fmt.Sprintf("process %d is at it", e.PID) }

// Lock takes the lock with the name, at once or not at all: a *LockedError then.
func (d Dir) Lock(name string) (*Lock, error) {
	if err := os.MkdirAll(string(d), 0o755); err != nil {
		return nil, err
	}
	f, err := os.OpenFile(d.Path(name), os.O_RDWR|os.O_CREATE, 0o644)
	if err != nil {
		return nil, err
	}
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		defer f.Close()
		text := make([]byte, 20)
		n, _ := f.Read(text)
		pid, _ := strconv.Atoi(strings.TrimSpace(string(text[:n])))
		return nil, &LockedError{PID: pid}
	}
	if err == nil {
		err = errors.Join(f.Truncate(0), writeAt(f, strconv.Itoa(os.Getpid())))
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("lock %s: %w", f.Name(), err), f.Close())
	}
	return &Lock{file: f}, nil
}

// Unlock gives the lock back. The file stays: removing it would let two processes each hold one of that name.
func (l *Lock) Unlock() error {
	// Closing alone is not enough while a child of this process that has not yet become its program has the file too.
	return errors.Join(syscall.Flock(int(l.file.Fd()), syscall.LOCK_UN), l.file.Close())
}

func writeAt(f *os.File, text string) error {
	_, err := f.WriteAt([]byte(text), 0)
	return err
}
