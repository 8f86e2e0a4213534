package cli

import (
	"fmt"
	"io"
	"log/slog"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/dev"
)

func newLogsCommand() *cobra.Command {
	var follow bool
	var lines int
	cmd := &cobra.Command{
		Use:   "logs [SERVICE]",
		Short: "Show what the instances logged",
		Long: `logs shows the last lines of each instance of SERVICE, which may also be one instance,
such as chat-1, or infra or supervisor; without it, of all. The files are in
.hawos/log.`,
		Example: `  hawosgen logs chat
  hawosgen logs -f`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := openProject(cmd)
			if err != nil {
				return err
			}
			name := strings.Join(args, "")
			logs, err := dev.Logs(p.Dir, name)
			if err != nil {
				return err
			}
			if len(logs) == 0 && !follow {
				return fmt.Errorf("no log of %q in .hawos/log: nothing of that name was ever started", name)
			}
			show := showLog(cmd.OutOrStdout())
			for _, l := range logs {
				text, err := l.Last(lines)
				if err != nil {
					return err
				}
				show(l.Program, text)
			}
			if !follow {
				return nil
			}
			return dev.Follow(cmd.Context(), p.Dir, name, logs, show)
		},
	}
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "go on until Ctrl-C")
	cmd.Flags().IntVarP(&lines, "lines", "n", 20, "how many lines of each log to begin with")
	return cmd
}

// showLog prints lines of a program's log, each with the program's name.
func showLog(out io.Writer) func(program, text string) {
	return func(program, text string) {
		for line := range strings.Lines(text) {
			fmt.Fprintf(out, "%-12s | %s\n", program, strings.TrimSuffix(line, "\n"))
		}
	}
}

func newLogger(out io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(out, nil)) }
