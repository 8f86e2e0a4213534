package dev

import (
	"context"
	"fmt"
	"strings"

	"github.com/hawos/hawos/hawosgen/dev/supervise"
)

// Down stops everything of the project whose root folder this is, also after a crash of the supervisor, and returns
// how many programs ran. Nothing running is no error.
func Down(ctx context.Context, root string, steps Steps) (stopped int, err error) {
	dir := supervise.In(root)
	unlock, err := lockVerb(dir)
	if err != nil {
		return 0, err
	}
	defer unlock()
	now, err := dir.State()
	if err != nil {
		return 0, err
	}
	if len(now.Programs) == 0 && !now.Supervisor.Alive() {
		return 0, nil
	}
	if !now.Supervisor.Alive() {
		steps.Note("the supervisor is gone, so the programs are stopped from here")
	}
	err = steps.Do("stop "+count(len(now.Programs), "program"), func() (string, error) {
		var killed []string
		stopped, killed, err = dir.Stop(ctx)
		if len(killed) > 0 {
			return fmt.Sprintf("killed after %s: %s", supervise.Grace, strings.Join(killed, ", ")), err
		}
		return "", err
	})
	return stopped, err
}

// count returns a number with its noun: 1 program, 2 programs.
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

func indent(text string) string {
	return "  " + strings.ReplaceAll(text, "\n", "\n  ")
}
