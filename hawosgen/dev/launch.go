package dev

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hawos/hawos/hawosgen/dev/supervise"
)

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
