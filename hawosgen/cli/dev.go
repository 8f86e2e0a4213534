package cli

import "github.com/spf13/cobra"

// devCommands returns the verbs that run a project on this machine and talk with it.
func devCommands() []*cobra.Command {
	return []*cobra.Command{
		newUpCommand(),
		newDevCommand(),
		newDownCommand(),
		newStatusCommand(),
		newLogsCommand(),
		newDoctorCommand(),
		newCallCommand(),
		newListenCommand(),
		newSuperviseCommand(),
	}
}
