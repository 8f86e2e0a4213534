package cli

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/generate"
	"github.com/hawos/hawos/hawosgen/plan"
)

func newWhereCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "where FILE",
		Short: "Tell what a file was generated from, and whose it is",
		Example: `  hawosgen where gen/rank/v1/rank.hawos.go
  hawosgen where cmd/rank/main.go`,
		Args: exactArgs(1, "name a file: hawosgen where gen/rank/v1/rank.hawos.go"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := openProject(cmd)
			if err != nil {
				return err
			}
			name := args[0]
			if !filepath.IsAbs(name) {
				name = filepath.Join(workingDir(cmd), name)
			}
			if name, err = filepath.Abs(name); err != nil {
				return err
			}
			rel, err := filepath.Rel(p.Dir, name)
			if err != nil {
				return err
			}
			s, m, err := generate.Read(cmd.Context(), p)
			if err != nil {
				run := protoRun{out: cmd.OutOrStdout(), errs: cmd.ErrOrStderr()}
				return run.fail(err)
			}
			f, ok := plan.Where(filepath.ToSlash(rel), s, m)
			if !ok {
				return fmt.Errorf("%s: hawosgen makes no such file: it is yours alone", filepath.ToSlash(rel))
			}
			out := cmd.OutOrStdout()
			fmt.Fprintln(out, "file:    ", f.Path)
			if f.Plugin != "" {
				fmt.Fprintln(out, "printer: ", f.Plugin)
			} else {
				fmt.Fprintf(out, "template: templates/%s\ndata:     %T\n", f.Template, f.Data)
			}
			if f.Source != "" {
				fmt.Fprintln(out, "source:  ", f.Source)
			}
			_, err = fmt.Fprintln(out, "kind:    ", f.Kind)
			return err
		},
	}
}
