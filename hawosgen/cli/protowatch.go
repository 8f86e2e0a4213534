package cli

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"
	"time"

	"github.com/hawos/hawos/hawosgen/project"
)

// watchEvery is how often hawosgen proto --watch looks at the protos.
const watchEvery = 300 * time.Millisecond

// watchProtos compiles now and after each change, until ctx ends.
func (r *protoRun) watchProtos(ctx context.Context) error {
	tick := time.NewTicker(watchEvery)
	defer tick.Stop()
	var seen string
	for {
		now := r.stamp()
		if now != seen {
			seen = now
			if err := r.again(ctx); err != nil && !errors.Is(err, errPrinted) {
				fmt.Fprintln(r.errs, "hawosgen:", err)
			}
			fmt.Fprintln(r.errs, "watching the protos; Ctrl-C ends")
		}
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
	}
}

// again is once with the project's settings as they are now.
func (r *protoRun) again(ctx context.Context) error {
	p, err := project.Load(r.project.Dir)
	if err != nil {
		return err
	}
	r.project = p
	return r.once(ctx)
}

// stamp returns a text that changes whenever a proto or hawos.yaml does.
func (r *protoRun) stamp() string {
	var b strings.Builder
	for _, root := range append([]string{project.File}, r.project.Protos...) {
		// A folder that is missing or unreadable is the compiler's to report.
		_ = filepath.WalkDir(r.project.Path(root), func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return nil
			}
			if info, err := d.Info(); err == nil {
				fmt.Fprintln(&b, name, info.Size(), info.ModTime().UnixNano())
			}
			return nil
		})
	}
	return b.String()
}
