package cli

import (
	"github.com/spf13/cobra"
)

func newNewCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "new",
		Short: "Begin a project, or a service in one",
		Example: `  hawosgen new project demo --module example.com/demo
  hawosgen new service rank --ids 3000-3999`,
	}
	cmd.AddCommand(newProjectCommand(), newServiceCommand())
	return cmd
}
