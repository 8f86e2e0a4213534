package cli

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/dev"
)

func newDownCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "down",
		Short: "Stop what hawosgen up started",
		Long: `down stops the frontends first, so that clients are sent away in good order, then the
other services, then the servers. It leaves no process and no port, also after a
crash of the supervisor. The servers' data stays in .hawos/data.`,
		Example: "  hawosgen down",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := openProject(cmd)
			if err != nil {
				return err
			}
			stopped, err := dev.Down(cmd.Context(), p.Dir, newProgress(cmd.ErrOrStderr()))
			if err != nil {
				return err
			}
			if stopped == 0 {
				fmt.Fprintln(cmd.OutOrStdout(), "nothing runs")
			}
			return nil
		},
	}
}
