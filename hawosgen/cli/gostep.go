package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"
)

// goStep runs go with the arguments in a folder and shows it as a step. What go
// prints is in the error.
func goStep(ctx context.Context, out io.Writer, dir, step string, args ...string) error {
	var text bytes.Buffer
	err := newProgress(out).Do(step, func() (string, error) {
		cmd := exec.CommandContext(ctx, "go", args...)
		cmd.Dir = dir
		cmd.Stdout, cmd.Stderr = &text, &text
		return "", cmd.Run()
	})
	if err != nil {
		return fmt.Errorf("go %s: %w\n%s", strings.Join(args, " "), err, strings.TrimSpace(text.String()))
	}
	return nil
}

// exactArgs demands n arguments, and says what to write where there are others.
func exactArgs(n int, remedy string) cobra.PositionalArgs {
	return func(_ *cobra.Command, args []string) error {
		if len(args) != n {
			return errors.New(remedy)
		}
		return nil
	}
}
