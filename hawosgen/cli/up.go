package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/dev"
	"github.com/hawos/hawos/hawosgen/dev/supervise"
	"github.com/hawos/hawos/hawosgen/project"
)

type upFlags struct {
	scale      []string
	autoPorts  bool
	restart    bool
	foreground bool
	queue      string
}

func newUpCommand() *cobra.Command {
	var f upFlags
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Build the project and run it on this machine",
		Long: `up builds the project's services, starts the servers that config/ does not name
(etcd, Redis, the queue), then frontend, config and the logic services, waits
until all of them are ready, prints where they are, and returns. They go on in the
background; who crashes is started again. hawosgen down stops them.

Run again, up starts what is missing, such as a new service, and restarts what was
built or configured otherwise since. The rest goes on undisturbed, and so do frontends
with a new build: they hold the clients and learn of new services from etcd.`,
		Example: `  hawosgen up
  hawosgen up --scale chat=3
  hawosgen up --queue nsq --foreground`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := openProject(cmd)
			if err != nil {
				return err
			}
			return runUp(cmd, p, f)
		},
	}
	addUpFlags(cmd, &f)
	cmd.Flags().BoolVar(&f.foreground, "foreground", false, "stay, show the logs, and stop everything at Ctrl-C")
	return cmd
}

// addUpFlags adds the flags that say what is to run, and how.
func addUpFlags(cmd *cobra.Command, f *upFlags) {
	flags := cmd.Flags()
	flags.StringSliceVar(&f.scale, "scale", nil, "`SERVICE=N`: run N instances of a service")
	flags.BoolVar(&f.autoPorts, "auto-ports", false, "choose another port where one of the settings is taken")
	flags.BoolVar(&f.restart, "restart", false, "restart frontends too where nothing but their build has changed")
	flags.StringVar(&f.queue, "queue", "", "`TYPE` of queue instead of queue.type: kafka or nsq")
}

// options returns what the flags say for dev.Up.
func (f upFlags) options(p *project.Project) (o dev.UpOptions, err error) {
	scale, err := parseScale(f.scale)
	if err != nil {
		return o, err
	}
	if f.queue != "" && f.queue != "kafka" && f.queue != "nsq" {
		return o, fmt.Errorf("--queue %q: kafka or nsq", f.queue)
	}
	self, err := os.Executable()
	if err != nil {
		return o, err
	}
	return dev.UpOptions{
		Scale: scale, AutoPorts: f.autoPorts, Restart: f.restart, Queue: f.queue,
		Supervise: []string{self, "supervise", "--dir", p.Dir},
	}, nil
}

func runUp(cmd *cobra.Command, p *project.Project, f upFlags) error {
	o, err := f.options(p)
	if err != nil {
		return err
	}
	steps := newProgress(cmd.ErrOrStderr())
	result, err := dev.Up(cmd.Context(), p, o, steps)
	if err != nil {
		return err
	}
	printUp(cmd.OutOrStdout(), p, result)
	if !f.foreground {
		fmt.Fprintln(cmd.OutOrStdout(), "stop it with hawosgen down; see hawosgen status and hawosgen logs -f")
		return nil
	}
	fmt.Fprintln(cmd.OutOrStdout(), "stop it with Ctrl-C; the logs follow")
	return foreground(cmd, p, steps)
}

func printUp(out io.Writer, p *project.Project, r dev.UpResult) {
	state := "runs"
	if r.Ran && !r.Changed {
		state = "runs already"
	}
	fmt.Fprintf(out, "%s %s\n", p.Module, state)
	for _, s := range r.State.Programs {
		for _, l := range s.Program.Links {
			fmt.Fprintf(out, "  %-16s %-6s %s\n", s.Program.Name, l.Label, l.URL)
		}
	}
}

// foreground shows the logs until the context ends and everything has stopped.
func foreground(cmd *cobra.Command, p *project.Project, steps dev.Steps) error {
	logs, err := dev.Logs(p.Dir, "")
	if err != nil {
		return err
	}
	for _, l := range logs {
		_, _ = l.Last(0) // only what comes from now on
	}
	after := context.WithoutCancel(cmd.Context())
	showing, end := context.WithCancel(after)
	followed := make(chan error, 1)
	go func() { followed <- dev.Follow(showing, p.Dir, "", logs, showLog(cmd.OutOrStdout())) }()
	<-cmd.Context().Done()
	_, err = dev.Down(after, p.Dir, steps)
	end()
	return errors.Join(err, <-followed)
}

func parseScale(texts []string) (map[string]int, error) {
	scale := make(map[string]int)
	for _, text := range texts {
		name, number, _ := strings.Cut(text, "=")
		n, err := strconv.ParseUint(number, 10, 8)
		if name == "" || err != nil {
			return nil, fmt.Errorf("--scale %q: want SERVICE=N, such as chat=3, with N from 0 to 255", text)
		}
		scale[name] = int(n)
	}
	return scale, nil
}

// newSuperviseCommand is the process that hawosgen up leaves behind; nobody calls it by hand.
func newSuperviseCommand() *cobra.Command {
	return &cobra.Command{
		Use:    "supervise",
		Short:  "Keep the project's programs running (hawosgen up starts this)",
		Hidden: true,
		Args:   cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return supervise.Run(cmd.Context(), supervise.In(workingDir(cmd)), newLogger(cmd.ErrOrStderr()))
		},
	}
}
