package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/hawos/hawos/hawosgen/dev"
	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/hawosgen/report"
)

// devEvery is how often hawosgen dev looks at the files.
const devEvery = 100 * time.Millisecond

// devRun is one call of hawosgen dev.
type devRun struct {
	proto           protoRun
	flags           upFlags
	out, errs       io.Writer
	steps           dev.Steps
	protos, sources string // what was seen last
	protoErr, upErr error  // what is wrong with that
}

// watch follows the files until ctx ends.
func (d *devRun) watch(ctx context.Context) {
	tick := time.NewTicker(devEvery)
	defer tick.Stop()
	for {
		if d.proto.stamp() != d.protos || dev.Sources(d.proto.project.Dir) != d.sources {
			d.follow(ctx)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

// follow generates and restarts what has to be, and what failed before once more, so that each round shows all faults.
// The files are looked at before they are read: what is saved meanwhile is the next round's.
func (d *devRun) follow(ctx context.Context) {
	failed := d.protoErr != nil || d.upErr != nil
	if failed && report.Coloured(d.errs) {
		fmt.Fprint(d.errs, clearScreen)
	}
	if now := d.proto.stamp(); now != d.protos || d.protoErr != nil {
		d.protos, d.protoErr = now, d.shown(ctx, d.proto.again(ctx))
	}
	// Up would write them behind our back.
	if _, err := project.EnsureSecrets(d.proto.project.Dir); err != nil {
		d.upErr = d.shown(ctx, err)
		return
	}
	if now := dev.Sources(d.proto.project.Dir); now != d.sources || d.upErr != nil {
		d.sources, d.upErr = now, d.shown(ctx, d.up(ctx))
	}
	if ctx.Err() != nil {
		return
	}
	if failed && d.protoErr == nil && d.upErr == nil {
		fmt.Fprintln(d.errs, "mended: there are no faults any more")
	}
	fmt.Fprintln(d.errs, "watching the project; Ctrl-C ends")
}

// up makes run what the files say now, and prints where it is when nothing ran before.
func (d *devRun) up(ctx context.Context) error {
	o, err := d.flags.options(d.proto.project)
	if err != nil {
		return err
	}
	result, err := dev.Up(ctx, d.proto.project, o, d.steps)
	if err == nil && !result.Ran {
		printUp(d.out, d.proto.project, result)
	}
	return err
}

// shown prints the error, unless that has been done or it is Ctrl-C's, and returns it.
func (d *devRun) shown(ctx context.Context, err error) error {
	if err != nil && ctx.Err() == nil && !errors.Is(err, errPrinted) {
		fmt.Fprintln(d.errs, "hawosgen:", err)
	}
	return err
}
