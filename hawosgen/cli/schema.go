package cli

import "github.com/spf13/cobra"

// schemaCommands returns the verbs that look after the protos themselves.
func schemaCommands() []*cobra.Command {
	return []*cobra.Command{
		newBreakingCommand(),
		newFmtCommand(),
		newLintCommand(),
		newNextIDCommand(),
		newRPCCommand(),
		newTodoCommand(),
	}
}
