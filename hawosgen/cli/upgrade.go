package cli

import (
	"bytes"
	"fmt"
	"path"
	"strings"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/origin"
	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/hawosgen/upgrade"
)

func newUpgradeCommand() *cobra.Command {
	var dry bool
	cmd := &cobra.Command{
		Use:   "upgrade",
		Short: "Move the project to the hawos of this hawosgen",
		Long: `upgrade raises hawos in go.mod to the version of this hawosgen, renames keys of
hawos.yaml and names of the runtime in your code that are called otherwise now,
and runs hawosgen proto --build. Of your files only the names themselves change,
and each place is reported. A go.mod that replaces hawos stays as it is.`,
		Example: `  go install ` + origin.Module + `/hawosgen@latest
  hawosgen upgrade --diff    # show what would change in your files, write nothing
  hawosgen upgrade`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := project.Find(workingDir(cmd))
			if err != nil {
				return err
			}
			version := origin.Find().Version
			if !strings.HasPrefix(version, "v") {
				version = "" // built from a checkout
			}
			files, err := upgrade.Plan(dir, upgrade.Known(), version)
			if err != nil {
				return err
			}
			reportUpgrade(cmd, files, dry)
			if dry {
				return nil
			}
			if err := upgrade.Write(dir, files); err != nil {
				return err
			}
			return finishUpgrade(cmd, dir, files)
		},
	}
	cmd.Flags().BoolVar(&dry, "diff", false, "write nothing, and print what would change")
	return cmd
}

// reportUpgrade prints each place, or the differences.
func reportUpgrade(cmd *cobra.Command, files []upgrade.File, dry bool) {
	for _, f := range files {
		if dry && !bytes.Equal(f.Before, f.After) {
			fmt.Fprintf(cmd.OutOrStdout(), "%s", diff.Diff("a/"+f.Path, f.Before, "b/"+f.Path, f.After))
		}
		for _, e := range f.Edits {
			switch {
			case e.Note != "":
				fmt.Fprintf(cmd.ErrOrStderr(), "%s:%d: %s\n", f.Path, e.Line, e.Note)
			case !dry:
				fmt.Fprintf(cmd.OutOrStdout(), "%s:%d: %s is %s now\n", f.Path, e.Line, e.Old, e.New)
			}
		}
	}
	if len(files) == 0 {
		fmt.Fprintln(cmd.OutOrStdout(), "nothing in your files is called otherwise now")
	}
}

// finishUpgrade completes go.mod where its version of hawos was raised, generates
// and builds.
func finishUpgrade(cmd *cobra.Command, dir string, files []upgrade.File) error {
	for _, f := range files {
		if path.Base(f.Path) == "go.mod" {
			if err := goStep(cmd.Context(), cmd.ErrOrStderr(), dir, "go mod tidy", "mod", "tidy"); err != nil {
				return err
			}
		}
	}
	p, err := project.Load(dir)
	if err != nil {
		return err
	}
	run := protoRun{protoFlags: protoFlags{build: true}, project: p, out: cmd.OutOrStdout(), errs: cmd.ErrOrStderr()}
	return run.once(cmd.Context())
}
