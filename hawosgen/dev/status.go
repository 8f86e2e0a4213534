package dev

import (
	"context"
	"errors"
	"sync"

	"github.com/hawos/hawos/hawosgen/dev/supervise"
	"github.com/hawos/hawos/hawosgen/infra/state"
)

// Health is how one program is now.
type Health struct {
	supervise.Status
	// Fault says what is wrong; empty: it is healthy.
	Fault string
	// Servers are the servers inside hawos-infra, each with its address: etcd 127.0.0.1:2379.
	Servers []string
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
	for i := range all {
		if all[i].Program.Name != infraName {
			continue
		}
		// Without the file the addresses have no names, which is no fault.
		infra, _ := state.Read(dir.Path("infra.json"))
		for _, s := range infra.Servers {
			all[i].Servers = append(all[i].Servers, s.Name+" "+s.Addr)
		}
	}
	return all, now.Supervisor.Alive(), nil
}

// Environment returns what names the servers of the running project to its services, as NAME=VALUE: none where the
// settings name all of them.
func Environment(root string) ([]string, error) {
	now, err := supervise.In(root).State()
	if err != nil {
		return nil, err
	}
	for _, status := range now.Programs {
		if status.Program.Name != infraName {
			return status.Program.Env, nil
		}
	}
	return nil, errors.New("nothing runs; start it with hawosgen up")
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
