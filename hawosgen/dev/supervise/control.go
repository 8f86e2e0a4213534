package supervise

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"

	"github.com/hawos/hawos/hawosgen/dev/proc"
)

// Alive returns the running supervisor's process; false where none runs.
func (d Dir) Alive() (proc.ID, bool) {
	state, err := d.State()
	if err != nil || !state.Supervisor.Alive() {
		return proc.ID{}, false
	}
	return state.Supervisor, true
}

// Start starts a supervisor in the background, cut off from this terminal: bin with args must call Run. It returns
// once the supervisor has written a State that follows the Spec with the revision.
func (d Dir) Start(ctx context.Context, revision int, bin string, args ...string) error {
	if err := os.MkdirAll(d.Path("log"), 0o755); err != nil {
		return err
	}
	log, err := os.OpenFile(d.Log("supervisor"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	defer log.Close()
	cmd := exec.Command(bin, args...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return err
	}
	id, err := proc.Of(cmd.Process.Pid)
	if err == nil {
		err = d.awaitRevision(ctx, revision, id.PID)
	}
	if err != nil {
		_, stopErr := id.Stop(context.WithoutCancel(ctx), 4*Grace)
		err = errors.Join(fmt.Errorf("start the supervisor (see %s): %w", d.Log("supervisor"), err), stopErr)
	}
	return errors.Join(err, cmd.Process.Release())
}

// Reload makes the running supervisor follow the Spec with the revision, and returns once it has begun to.
func (d Dir) Reload(ctx context.Context, revision int) error {
	id, ok := d.Alive()
	if !ok {
		return errors.New("no supervisor runs")
	}
	if err := id.Signal(syscall.SIGHUP); err != nil {
		return err
	}
	return d.awaitRevision(ctx, revision, id.PID)
}

// awaitRevision waits until the supervisor with the process number follows the revision. Old instances may take
// Grace to stop before it does.
func (d Dir) awaitRevision(ctx context.Context, revision, pid int) error {
	ctx, cancel := context.WithTimeout(ctx, 3*Grace)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		state, err := d.State()
		if err != nil {
			return err
		}
		if state.Supervisor.PID == pid && state.Revision >= revision {
			return nil
		}
		if _, err := proc.Of(pid); err != nil {
			return fmt.Errorf("it ended: %w", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

// Stop ends the supervisor and all that it runs, or what one that died left running, and waits. It returns how many
// programs it found, and which of them had to be killed.
func (d Dir) Stop(ctx context.Context) (found int, killed []string, err error) {
	state, err := d.State()
	if err != nil {
		return 0, nil, err
	}
	for _, p := range state.Programs {
		if p.Process.Alive() {
			found++
		}
	}
	if state.Supervisor.Alive() {
		// It stops three waves at most, each within Grace.
		if _, err := state.Supervisor.Stop(ctx, 4*Grace); err != nil {
			return found, nil, err
		}
		if state, err = d.State(); err != nil {
			return found, nil, err
		}
	}
	killed, err = sweep(ctx, state)
	if err != nil {
		return found, killed, err
	}
	return found, killed, d.removeState()
}

// sweep ends the programs of a State that no supervisor looks after any more, in their order.
func sweep(ctx context.Context, state State) (killed []string, err error) {
	var programs []Program
	for _, p := range state.Programs {
		programs = append(programs, p.Program)
	}
	for _, wave := range stopOrder(programs) {
		var ends sync.WaitGroup
		by, errs := make([]bool, len(wave)), make([]error, len(wave))
		for i, p := range wave {
			status, _ := state.Find(p.Name)
			// One SIGTERM each: a second one tells an app to end at once.
			ends.Go(func() { by[i], errs[i] = status.Process.Stop(ctx, Grace) })
		}
		ends.Wait()
		for i, p := range wave {
			if by[i] {
				killed = append(killed, p.Name)
			}
		}
		if err := errors.Join(errs...); err != nil {
			return killed, err
		}
	}
	return killed, nil
}
