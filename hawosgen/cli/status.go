package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/dev"
)

func newStatusCommand() *cobra.Command {
	var env bool
	cmd := &cobra.Command{
		Use:   "status",
		Short: "Show how each instance is",
		Long: `status asks every instance that hawosgen up started how it is. It exits with 1 where
one is not healthy, and where nothing runs.

With --env it prints the environment instead that names the running servers to the
services. So one more instance can be started by hand, such as in a debugger; it
needs an --id that no other one of its service has.`,
		Example: `  hawosgen status
  env $(hawosgen status --env) go run ./cmd/rank --id 9`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := openProject(cmd)
			if err != nil {
				return err
			}
			if env {
				return printEnvironment(cmd.OutOrStdout(), p.Dir)
			}
			all, supervised, err := dev.Status(cmd.Context(), p.Dir)
			if err != nil {
				return err
			}
			return printStatus(cmd.OutOrStdout(), all, supervised)
		},
	}
	cmd.Flags().BoolVar(&env, "env", false, "print the environment that names the running servers")
	return cmd
}

func printEnvironment(out io.Writer, root string) error {
	env, err := dev.Environment(root)
	for _, line := range env {
		fmt.Fprintln(out, line)
	}
	return err
}

func printStatus(out io.Writer, all []dev.Health, supervised bool) error {
	if len(all) == 0 {
		fmt.Fprintln(out, "nothing runs; start it with hawosgen up")
		return errPrinted
	}
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "INSTANCE\tPID\tHEALTH\tUPTIME\tRESTARTS\tADDRESSES")
	sick := 0
	for _, h := range all {
		health, uptime, pid := "healthy", "-", "-"
		if h.Fault != "" {
			sick++
			health = string(h.Phase) + ", unhealthy"
		}
		if h.Process.PID != 0 {
			uptime, pid = round(time.Since(h.Started).Round(time.Second)).String(), fmt.Sprint(h.Process.PID)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\t%s\n", h.Program.Name, pid, health, uptime, h.Restarts, addresses(h))
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, h := range all {
		if h.Fault != "" {
			fmt.Fprintf(out, "%s: %s\n", h.Program.Name, h.Fault)
		}
	}
	if !supervised {
		fmt.Fprintln(out, "the supervisor is gone, so nobody restarts what crashes; run hawosgen up again")
		return errPrinted
	}
	if sick > 0 {
		return errPrinted
	}
	return nil
}

// addresses returns where people and clients reach the instance.
func addresses(h dev.Health) string {
	if len(h.Servers) > 0 {
		return strings.Join(h.Servers, ", ")
	}
	var all []string
	for _, l := range h.Program.Links {
		all = append(all, l.URL)
	}
	return strings.Join(append(all, h.Program.Ready.Dial...), " ")
}
