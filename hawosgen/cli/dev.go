package cli

import "github.com/spf13/cobra"

// devCommands returns the verbs that run a project on this machine and talk with it.
func devCommands() []*cobra.Command {
	return []*cobra.Command{
		newUpCommand(),
		newDownCommand(),
		newStatusCommand(),
		newLogsCommand(),
		newDoctorCommand(),
		newCallCommand(),
		newListenCommand(),
		newSuperviseCommand(),
	}
}
