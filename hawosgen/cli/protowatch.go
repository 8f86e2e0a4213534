package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/hawos/hawos/hawosgen/eject"
	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/hawosgen/report"
	"github.com/hawos/hawos/hawosgen/walk"
)

// watchEvery is how often hawosgen proto --watch looks at the files: saves are to be
// compiled within 200 ms.
const watchEvery = 50 * time.Millisecond

// watchProtos compiles now and after each change, until ctx ends. On a terminal the
// faults of the last run are gone from the screen once another run begins.
func (r *protoRun) watchProtos(ctx context.Context) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	var seen string
	failed := false
	for {
		if now := r.stamp(); now != seen {
			seen = now
			if failed && report.Coloured(r.errs) {
				fmt.Fprint(r.errs, clearScreen)
			}
			err := r.again(ctx)
			if err != nil && !errors.Is(err, errPrinted) {
				fmt.Fprintln(r.errs, "hawosgen:", err)
			}
			if failed && err == nil {
				fmt.Fprintln(r.errs, "mended: there are no faults any more")
			}
			failed = err != nil
			fmt.Fprintln(r.errs, "watching the protos; Ctrl-C ends")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

const clearScreen = "\x1b[H\x1b[2J\x1b[3J"

// again is once with the project's settings as they are now.
func (r *protoRun) again(ctx context.Context) error {
	p, err := project.Load(r.project.Dir)
	if err != nil {
		return err
	}
	r.project = p
	return r.once(ctx)
}

// stamp returns a text that changes whenever a proto, hawos.yaml or a template
// does.
func (r *protoRun) stamp() string {
	paths := append([]string{project.File, eject.Dir}, r.project.Protos...)
	for _, o := range r.project.Outputs {
		paths = append(paths, o.Template)
	}
	for _, in := range r.project.Imports {
		if in.Folder != "" {
			paths = append(paths, in.Folder)
		}
	}
	var b strings.Builder
	for _, name := range paths {
		if !filepath.IsAbs(name) {
			name = r.project.Path(name)
		}
		// What is missing or unreadable is the compiler's to report.
		_ = walk.Files(name, func(file string, info fs.FileInfo) error {
			fmt.Fprintln(&b, file, info.Size(), info.ModTime().UnixNano())
			return nil
		})
	}
	return b.String()
}
