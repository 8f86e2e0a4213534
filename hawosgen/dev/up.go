package dev

import (
	"context"
	"errors"
	"fmt"

	"github.com/hawos/hawos/hawosgen/dev/supervise"
	"github.com/hawos/hawos/hawosgen/project"
)

// Steps is told what happens.
type Steps interface {
	// Do runs one step and shows its name while it does, then how long it took with the detail, or that it failed.
	Do(name string, step func() (detail string, err error)) error
	// Note shows a remark.
	Note(text string)
}

// UpOptions are the choices of hawosgen up.
type UpOptions struct {
	// Scale is how many instances to run, by appName. Default: what hawos.yaml says, else 1.
	Scale map[string]int
	// AutoPorts takes another port where one of the settings is taken.
	AutoPorts bool
	// Restart also restarts frontends that were only built otherwise since. They hold the clients' connections, and
	// know new services without a new build.
	Restart bool
	// Queue overrides queue.type. Default: what the settings say.
	Queue string
	// Supervise is the program and its arguments that runs supervise.Run.
	Supervise []string
}

// UpResult is what runs.
type UpResult struct {
	State supervise.State
	// Ran says that a supervisor ran already; Changed, that something was started or stopped all the same.
	Ran, Changed bool
}

// Up makes the project run and returns once everything is ready. Where it runs already, what is missing is started,
// what was built or set up otherwise since is started again, and what is too much stops. An Up that begins from
// nothing and fails leaves nothing running.
func Up(ctx context.Context, p *project.Project, o UpOptions, steps Steps) (UpResult, error) {
	dir := supervise.In(p.Dir)
	unlock, err := lockVerb(dir)
	if err != nil {
		return UpResult{}, err
	}
	defer unlock()
	if err := cleanUp(ctx, dir, steps); err != nil {
		return UpResult{}, err
	}
	before, err := dir.State()
	if err != nil {
		return UpResult{}, err
	}
	spec, err := prepare(ctx, p, dir, o, before, steps)
	if err != nil {
		return UpResult{}, err
	}
	if !o.Restart {
		for _, name := range keepFrontends(spec, before) {
			steps.Note(name + " keeps its clients and its older build; hawosgen up --restart restarts it")
		}
	}
	result := UpResult{Ran: before.Supervisor.Alive()}
	result.Changed = len(beginning(spec, before)) > 0 || len(ending(spec, before)) > 0
	if result.Changed {
		err = launch(ctx, dir, spec, before, o.Supervise, steps)
	}
	if err != nil && !result.Ran {
		// ctx may be what failed.
		_, _, stopErr := dir.Stop(context.WithoutCancel(ctx))
		err = errors.Join(err, stopErr)
	}
	if err != nil {
		return result, err
	}
	result.State, err = dir.State()
	return result, err
}

// cleanUp ends what a supervisor left that died, and what one runs that does not understand this hawosgen.
func cleanUp(ctx context.Context, dir supervise.Dir, steps Steps) error {
	old, err := dir.State()
	alive := old.Supervisor.Alive()
	if err != nil || len(old.Programs) == 0 || alive && old.Format == supervise.Format {
		return err
	}
	name := "stop what a crashed supervisor left"
	if alive {
		name = "stop what another version of hawosgen runs"
	}
	return steps.Do(name, func() (string, error) {
		found, _, err := dir.Stop(ctx)
		return count(found, "program"), err
	})
}

// lockVerb keeps other hawosgens from starting and stopping this project's programs meanwhile.
func lockVerb(dir supervise.Dir) (unlock func(), err error) {
	lock, err := dir.Lock(supervise.VerbLock)
	var locked *supervise.LockedError
	if errors.As(err, &locked) {
		return nil, fmt.Errorf("another hawosgen, process %d, is starting or stopping this project: wait for it", locked.PID)
	}
	if err != nil {
		return nil, err
	}
	return func() { _ = lock.Unlock() }, nil
}
