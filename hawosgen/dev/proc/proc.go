// Package proc tells processes apart and ends them. A process ID alone is not enough for that: the system gives it
// to another process once the first is gone, and a state file may be older than the machine's last start. So an ID
// also holds when the process started. Start from Of.
package proc

import (
	"context"
	"errors"
	"fmt"
	"syscall"
	"time"
)

// ID is one process, now or once. The zero ID is no process.
type ID struct {
	PID int `json:"pid,omitempty"`
	// Start is when the process started, in the system's own writing.
	Start string `json:"start,omitempty"`
}

// ErrGone is returned for a process that does not run.
var ErrGone = errors.New("no such process")

// Of returns the ID of the process with the number. A zombie counts as gone.
func Of(pid int) (ID, error) {
	if pid <= 0 {
		return ID{}, ErrGone
	}
	start, err := startOf(pid)
	if err != nil {
		return ID{}, err
	}
	return ID{PID: pid, Start: start}, nil
}

// Alive reports whether this very process runs.
func (id ID) Alive() bool {
	now, err := Of(id.PID)
	return err == nil && now == id
}

// Signal sends the signal to the process, if it is alive, and returns ErrGone if it is not.
func (id ID) Signal(s syscall.Signal) error {
	if !id.Alive() {
		return ErrGone
	}
	if err := syscall.Kill(id.PID, s); errors.Is(err, syscall.ESRCH) {
		return ErrGone
	} else if err != nil {
		return fmt.Errorf("signal process %d: %w", id.PID, err)
	}
	return nil
}

// Kill ends the process at once, together with what it started in its process group if it leads or led one. Another
// process that has the number by now is left alone, as is everything after a restart of the machine.
func (id ID) Kill() error {
	now, err := Of(id.PID)
	if id == (ID{}) || err == nil && now != id || !sameBoot(id) {
		return nil
	}
	// The system does not give the number away while a group still has it.
	target := -id.PID
	if group, err := syscall.Getpgid(id.PID); err == nil && group != id.PID {
		target = id.PID
	}
	if err := syscall.Kill(target, syscall.SIGKILL); err != nil && !errors.Is(err, syscall.ESRCH) {
		return fmt.Errorf("kill process %d: %w", id.PID, err)
	}
	return nil
}

// poll is how often Wait looks: the processes are not our children, so nobody tells us.
const poll = 20 * time.Millisecond

// Wait returns once the process is gone, or with the context's error. It is for processes that others started.
func (id ID) Wait(ctx context.Context) error {
	tick := time.NewTicker(poll)
	defer tick.Stop()
	for id.Alive() {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

// Stop sends SIGTERM, waits up to grace, then kills, and returns once the process is gone and what it left in its
// process group was killed. It reports whether the process itself had to be. One that is gone already is no error.
func (id ID) Stop(ctx context.Context, grace time.Duration) (killed bool, err error) {
	if err := id.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, ErrGone) {
		return false, err
	}
	patient, cancel := context.WithTimeout(ctx, grace)
	defer cancel()
	killed = id.Wait(patient) != nil
	if err := id.Kill(); err != nil {
		return killed, err
	}
	return killed, id.Wait(ctx)
}
