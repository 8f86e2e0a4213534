package dev

import (
	"context"
	"sync"

	"github.com/hawos/hawos/hawosgen/dev/supervise"
)

// Health is how one program is now.
type Health struct {
	supervise.Status
	// Fault says what is wrong; empty: it is healthy.
	Fault string
}

// Status asks each program of the project whose root folder this is how it is, all at once. It returns none where
// nothing runs. supervised says whether somebody would start them again.
func Status(ctx context.Context, root string) (all []Health, supervised bool, err error) {
	dir := supervise.In(root)
	now, err := dir.State()
	if err != nil {
		return nil, false, err
	}
	all = make([]Health, len(now.Programs))
	var wait sync.WaitGroup
	for i, status := range now.Programs {
		wait.Go(func() { all[i] = Health{Status: status, Fault: check(ctx, status)} })
	}
	wait.Wait()
	return all, now.Supervisor.Alive(), nil
}

func check(ctx context.Context, s supervise.Status) string {
	if !s.Process.Alive() {
		if s.Fault != "" {
			return s.Fault
		}
		return "it does not run"
	}
	if err := s.Program.Ready.Check(ctx); err != nil {
		return err.Error()
	}
	return ""
}
