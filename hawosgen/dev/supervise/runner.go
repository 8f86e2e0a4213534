package supervise

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"github.com/hawos/hawos/hawosgen/dev/proc"
)

const (
	// Grace is how long a program may take to stop before it is killed. It is longer than an app's own
	// drain_timeout (15 s unless set).
	Grace = 25 * time.Second

	readyTimeout = time.Minute
	firstBackoff = 200 * time.Millisecond
	maxBackoff   = 10 * time.Second
	steady       = 20 * time.Second // who ran that long begins again with firstBackoff
)

// runner keeps one program running.
type runner struct {
	program Program
	log     string
	report  func(Status)
	cancel  context.CancelFunc
	settled chan struct{} // closed once the program was ready, or has failed
	never   bool          // it ended before it was ever ready; set before settled is closed
	done    chan struct{} // closed once it is gone for good
	status  Status
}

// startRunner starts the program and returns at once. The runner's stop waits for its end.
func startRunner(ctx context.Context, p Program, log string, report func(Status)) *runner {
	ctx, cancel := context.WithCancel(ctx)
	r := &runner{
		program: p, log: log, report: report, cancel: cancel,
		settled: make(chan struct{}), done: make(chan struct{}),
		status: Status{Program: p, Phase: Starting},
	}
	go func() {
		defer close(r.done)
		r.keep(ctx)
	}()
	return r
}

// stop ends the program and waits until it has.
func (r *runner) stop() {
	r.cancel()
	<-r.done
}

// keep runs the program again and again until ctx ends, or until it fails the first time.
func (r *runner) keep(ctx context.Context) {
	for backoff := firstBackoff; ; r.status.Restarts++ {
		ready, err := r.once(ctx)
		r.status.Process = proc.ID{}
		if ctx.Err() != nil {
			return
		}
		r.status.Fault = err.Error()
		if !r.isSettled() {
			r.phase(Failed)
			r.never = true
			close(r.settled)
			return
		}
		if !ready.IsZero() && time.Since(ready) > steady {
			backoff = firstBackoff
		}
		r.phase(Crashed)
		select {
		case <-ctx.Done():
			return
		case <-time.After(backoff):
		}
		backoff = min(2*backoff, maxBackoff)
	}
}

// once runs the program and returns when it was ready and why it ended.
func (r *runner) once(ctx context.Context) (ready time.Time, err error) {
	r.status.Started = time.Now()
	cmd, err := r.start()
	if err != nil {
		return ready, err
	}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		_ = cmd.Wait() // what it says is in ProcessState
	}()
	if err := r.awaitReady(ctx, gone); err != nil {
		r.end(cmd, gone)
		if !errors.Is(err, errEnded) {
			return ready, err
		}
		return ready, fmt.Errorf("%w (%s)", err, cmd.ProcessState)
	}
	ready = time.Now()
	r.status.TookMS = ready.Sub(r.status.Started).Milliseconds()
	r.phase(Ready)
	if !r.isSettled() {
		close(r.settled)
	}
	select {
	case <-gone:
	case <-ctx.Done():
	}
	r.end(cmd, gone)
	return ready, fmt.Errorf("it ended (%s)", cmd.ProcessState)
}

var errEnded = errors.New("it ended before it was ready")

func (r *runner) awaitReady(ctx context.Context, gone <-chan struct{}) error {
	ctx, cancel := context.WithTimeout(ctx, readyTimeout)
	defer cancel()
	err := r.program.Ready.await(ctx, gone)
	select {
	case <-gone:
		// Also where the probe was satisfied: then by somebody else at the same address.
		return errEnded
	default:
	}
	if err != nil {
		return fmt.Errorf("it is not ready after %s: %w", readyTimeout, err)
	}
	return nil
}

// start starts the process with its output in the log file. The file is the process's own, not a pipe through this
// one, so that the programs live on if the supervisor dies.
func (r *runner) start() (*exec.Cmd, error) {
	log, err := os.OpenFile(r.log, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	cmd := exec.Command(r.program.Bin, r.program.Args...)
	cmd.Dir, cmd.Env = r.program.Dir, append(os.Environ(), r.program.Env...)
	cmd.Stdout, cmd.Stderr = log, log
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	// Not yet waited for, so its entry is there even if it has ended.
	r.status.Process, err = proc.Of(cmd.Process.Pid)
	if err != nil {
		r.status.Process = proc.ID{PID: cmd.Process.Pid}
	}
	r.phase(Starting)
	return cmd, nil
}

// end stops the process if it runs, then whatever it left in its process group.
func (r *runner) end(cmd *exec.Cmd, gone <-chan struct{}) {
	defer func() { _ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) }()
	select {
	case <-gone:
		return
	default:
	}
	r.phase(Stopping)
	_ = cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-gone:
	case <-time.After(Grace):
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		<-gone
	}
}

func (r *runner) phase(p Phase) {
	r.status.Phase = p
	if p == Ready {
		r.status.Fault = ""
	}
	r.report(r.status)
}

func (r *runner) isSettled() bool {
	select {
	case <-r.settled:
		return true
	default:
		return false
	}
}

// failed reports whether the program ended before it was ever ready.
func (r *runner) failed() bool { return r.isSettled() && r.never }
