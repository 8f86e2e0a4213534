package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/dev"
	"github.com/hawos/hawos/hawosgen/project"
)

func newDevCommand() *cobra.Command {
	var f upFlags
	var keep bool
	cmd := &cobra.Command{
		Use:   "dev",
		Short: "Run the project and follow each change of its files",
		Long: `dev starts what is missing, as hawosgen up does, and then watches the project. When
a proto changes, it generates, as hawosgen proto does. When Go files or settings
change, it builds, and restarts the services whose program or settings are others
now. The rest goes on undisturbed, and so do frontends with a new build: their
clients stay connected. Faults are shown at once, and so is that they are mended;
until then the services run as they did.

Ctrl-C stops everything, as hawosgen down does. Files outside of the project's
folder, other than its protos, are not watched.`,
		Example: `  hawosgen dev
  hawosgen dev --scale chat=3
  hawosgen dev --keep             # at Ctrl-C end watching alone
  hawosgen logs -f                # in another terminal`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := openProject(cmd)
			if err != nil {
				return err
			}
			return runDev(cmd, p, f, keep)
		},
	}
	addUpFlags(cmd, &f)
	cmd.Flags().BoolVar(&keep, "keep", false, "leave the services running at Ctrl-C")
	return cmd
}

func runDev(cmd *cobra.Command, p *project.Project, f upFlags, keep bool) error {
	if _, err := f.options(p); err != nil {
		return err // no change of a file mends it
	}
	d := devRun{
		proto: protoRun{project: p, out: cmd.OutOrStdout(), errs: cmd.ErrOrStderr()},
		flags: f, out: cmd.OutOrStdout(), errs: cmd.ErrOrStderr(), steps: newProgress(cmd.ErrOrStderr()),
	}
	d.watch(cmd.Context())
	if keep {
		fmt.Fprintln(d.out, "the services go on; hawosgen down stops them")
		return nil
	}
	_, err := dev.Down(context.WithoutCancel(cmd.Context()), p.Dir, d.steps)
	return err
}
