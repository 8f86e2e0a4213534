package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/output"
)

func newUndoCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "undo",
		Short: "Take back what the last run wrote",
		Long: `undo takes back what the last run of hawosgen wrote: files in gen/, your own that
it completed, and hawos.lock. Protos stay as they are. Where one of the files has
changed since, nothing is taken back. A second undo brings the run back.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := openProject(cmd)
			if err != nil {
				return err
			}
			changes, err := output.Undo(p.Dir)
			if err != nil {
				return err
			}
			if err := changes.Write(); err != nil {
				return err
			}
			for _, c := range changes.List {
				fmt.Fprintf(cmd.OutOrStdout(), "%s  %s\n", c.Did, c.Path)
			}
			fmt.Fprintf(cmd.OutOrStdout(), "took the last run back: %s\n", count(len(changes.List), "file"))
			return nil
		},
	}
}
