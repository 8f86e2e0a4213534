// Package cli holds the verbs of hawosgen, one a file. It is the only room of
// hawosgen that prints: results to stdout, progress and faults to stderr.
//
// A verb is a function newXCommand() *cobra.Command, listed in newRootCommand.
// It prints through cmd.OutOrStdout and cmd.ErrOrStderr, finds the project with
// openProject, and returns its error: Main prints it and turns it into the exit
// status.
package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/project"
)

// Main runs hawosgen with the arguments and returns the exit status: 0, or 1
// after a fault, which it has printed.
func Main(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	root := newRootCommand()
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return 0
	}
	if !errors.Is(err, errPrinted) {
		fmt.Fprintln(stderr, "hawosgen:", err)
	}
	return 1
}

// errPrinted is returned by a verb that has told the user itself why it fails.
var errPrinted = errors.New("failed")

func newRootCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "hawosgen",
		Short: "From protos with protocol IDs to a running realtime backend",
		Long: `hawosgen turns .proto files annotated with protocol IDs into a realtime backend:
a websocket frontend, typed handlers, pushes, clients and errors. What it
generates and you do not write is in gen/; what it writes once and leaves to you
is in cmd/, internal/ and config/.`,
		Example: `  hawosgen new project demo --module example.com/demo
  cd demo
  hawosgen new service rank
  hawosgen up
  hawosgen call rank.v1.Rank.Hello '{"name": "Ada"}'`,
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	root.PersistentFlags().StringP("dir", "C", ".", "run as if started in this folder")
	root.AddCommand(
		newNewCommand(),
		newProtoCommand(),
		newUndoCommand(),
		newRoutesCommand(),
		newWhereCommand(),
		newTemplatesCommand(),
		newUpgradeCommand(),
		newVersionCommand(),
	)
	root.AddCommand(schemaCommands()...)
	root.AddCommand(devCommands()...)
	return root
}

// openProject returns the project that the working directory, or the one that
// the flag --dir names, belongs to.
func openProject(cmd *cobra.Command) (*project.Project, error) {
	return project.Load(workingDir(cmd))
}

// workingDir returns the folder to run in.
func workingDir(cmd *cobra.Command) string {
	dir, err := cmd.Flags().GetString("dir")
	if err != nil || dir == "" {
		return "."
	}
	return dir
}
