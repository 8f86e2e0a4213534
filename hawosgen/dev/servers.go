package dev

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/hawos/hawos/hawosgen/dev/supervise"
	"github.com/hawos/hawos/hawosgen/infra/state"
)

// noteServers says which servers hawos-infra runs, and which of them are not the real ones.
func noteServers(ctx context.Context, dir supervise.Dir, steps Steps) error {
	servers, err := runningServers(ctx, dir)
	for _, s := range servers {
		kind := "the real one"
		if s.StandIn != "" {
			kind = s.StandIn
		}
		steps.Note(fmt.Sprintf("%-5s  %s  %s", s.Name, s.Addr, kind))
	}
	return err
}

// runningServers waits until hawos-infra has written what it runs, which it does right after the last server takes
// connections.
func runningServers(ctx context.Context, dir supervise.Dir) ([]state.Server, error) {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for {
		now, err := dir.State()
		if err != nil {
			return nil, err
		}
		infra, err := state.Read(dir.Path("infra.json"))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if status, _ := now.Find(infraName); status.Phase != supervise.Ready || infra.PID == status.Process.PID {
			return infra.Servers, nil
		}
		select {
		case <-ctx.Done():
			return nil, ctx.Err()
		case <-tick.C:
		}
	}
}
