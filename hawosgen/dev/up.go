package dev

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hawos/hawos/hawosgen/dev/supervise"
	"github.com/hawos/hawos/hawosgen/origin"
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

// StartError says which program did not start. Its error is for people, log included.
type StartError struct {
	Program string
	Fault   string
	Log     string // path of the log file
	Tail    string // the log's last lines
	Left    string // what goes on, for people
}

// Error says all of it.
func (e *StartError) Error() string {
	return fmt.Sprintf("%s does not start: %s\nthe end of %s:\n%s\n%s", e.Program, e.Fault, e.Log, indent(e.Tail), e.Left)
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

// prepare builds everything and returns what should run.
func prepare(ctx context.Context, p *project.Project, dir supervise.Dir, o UpOptions, before supervise.State, steps Steps) (spec supervise.Spec, err error) {
	if created, err := project.EnsureSecrets(p.Dir); err != nil {
		return spec, err
	} else if created {
		steps.Note("wrote " + project.SecretsFile + " with new secrets")
	}
	var args []string
	if o.Queue != "" {
		args = []string{"--queue.type", o.Queue}
	}
	apps, err := findApps(p, o.Scale, args...)
	if err != nil {
		return spec, err
	}
	pl := &plan{root: p.Dir, dir: dir, apps: apps, parts: infraParts(apps), queue: o.Queue}
	if err := pl.build(ctx, steps); err != nil {
		return spec, err
	}
	pl.ports, err = loadPorts(dir, o.AutoPorts, func(program string) bool {
		status, ok := before.Find(program)
		return ok && status.Process.Alive()
	})
	if err != nil {
		return spec, err
	}
	spec, err = pl.spec()
	pl.ports.release()
	spec.Revision = before.Revision + 1
	if err != nil {
		return spec, err
	}
	return spec, pl.ports.save()
}

func (p *plan) build(ctx context.Context, steps Steps) error {
	err := steps.Do("build the services", func() (string, error) {
		return count(len(p.apps), "program"), buildApps(ctx, p.root, p.dir, p.apps)
	})
	if err != nil || len(p.parts) == 0 {
		return err
	}
	from := origin.Find()
	if p.infraBin, err = infraBinary(from); err != nil {
		return err
	}
	name := "build hawos-infra"
	if !infraBuilt(p.infraBin) {
		name += " (the first time: minutes)"
	}
	return steps.Do(name, func() (string, error) { return "", buildInfra(ctx, from, p.infraBin) })
}

// launch has the supervisor follow the Spec and waits until all of it is ready. before is what runs already.
func launch(ctx context.Context, dir supervise.Dir, spec supervise.Spec, before supervise.State, start []string, steps Steps) error {
	if err := dir.WriteSpec(spec); err != nil {
		return err
	}
	runs := before.Supervisor.Alive()
	name, begin := "start the supervisor", func() (string, error) {
		return "", dir.Start(ctx, spec.Revision, start[0], start[1:]...)
	}
	if runs {
		name, begin = "tell the supervisor", func() (string, error) { return "", dir.Reload(ctx, spec.Revision) }
		if stopping := ending(spec, before); len(stopping) > 0 {
			name = "stop " + strings.Join(stopping, ", ")
		}
	}
	if err := steps.Do(name, begin); err != nil {
		return err
	}
	for _, wave := range beginning(spec, before) {
		err := steps.Do("start "+strings.Join(wave, ", "), func() (string, error) {
			for _, program := range wave {
				if err := awaitReady(ctx, dir, program, runs); err != nil {
					return "", err
				}
			}
			return "", nil
		})
		if err != nil {
			return err
		}
		if wave[0] == infraName {
			if err := noteServers(ctx, dir, steps); err != nil {
				return err
			}
		}
	}
	return nil
}

// keepFrontends leaves the frontends as they run that differ in their build alone, and returns their names.
func keepFrontends(spec supervise.Spec, before supervise.State) (kept []string) {
	for i, p := range spec.Programs {
		status, ok := before.Find(p.Name)
		if !ok || p.Wave != waveFrontend || status.Phase != supervise.Ready || p.Build == status.Program.Build {
			continue
		}
		p.Build = status.Program.Build
		if p.Equal(status.Program) {
			spec.Programs[i] = p
			kept = append(kept, p.Name)
		}
	}
	return kept
}

// same reports whether the program runs already just as it is wanted.
func same(p supervise.Program, before supervise.State) bool {
	status, ok := before.Find(p.Name)
	return ok && status.Phase != supervise.Failed && status.Program.Equal(p)
}

// beginning returns the names of the programs that the Spec starts, by wave.
func beginning(spec supervise.Spec, before supervise.State) [][]string {
	var all [][]string
	last := -1
	for _, p := range spec.Programs {
		switch {
		case same(p, before):
			continue
		case p.Wave != last:
			all, last = append(all, nil), p.Wave
		}
		all[len(all)-1] = append(all[len(all)-1], p.Name)
	}
	return all
}

// ending returns the names of the programs that the Spec stops, some to be started again.
func ending(spec supervise.Spec, before supervise.State) []string {
	var names []string
	for _, status := range before.Programs {
		if !slices.ContainsFunc(spec.Programs, func(p supervise.Program) bool {
			return p.Name == status.Program.Name && same(p, before)
		}) {
			names = append(names, status.Program.Name)
		}
	}
	return names
}

// awaitReady waits until the program is ready, or has failed: a *StartError then.
func awaitReady(ctx context.Context, dir supervise.Dir, program string, others bool) error {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		now, err := dir.State()
		if err != nil {
			return err
		}
		status, _ := now.Find(program)
		switch {
		case status.Phase == supervise.Ready:
			return nil
		case status.Phase == supervise.Failed:
			return startError(dir, status, others)
		case !now.Supervisor.Alive():
			return fmt.Errorf("the supervisor ended: see %s", dir.Log("supervisor"))
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
}

func startError(dir supervise.Dir, s supervise.Status, others bool) error {
	e := &StartError{Program: s.Program.Name, Fault: s.Fault, Log: dir.Log(s.Program.Name), Left: "nothing is left running"}
	if others {
		e.Left = "what ran before goes on"
	}
	tail, err := lastLines(e.Log, 20)
	if err != nil {
		tail = err.Error()
	}
	e.Tail = tail
	return e
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
