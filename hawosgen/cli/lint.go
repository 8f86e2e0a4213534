package cli

import (
	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/generate"
	"github.com/hawos/hawos/hawosgen/lint"
	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/hawosgen/schema"
)

func newLintCommand() *cobra.Command {
	c := &check{name: "lint", rules: lint.Rules()}
	cmd := &cobra.Command{
		Use:   "lint",
		Short: "Look for names, comments and ranges in the protos that will be regretted",
		Long: `lint looks for what compiles but will be regretted: names that clients will see
for ever, things that nobody explains, protocol IDs without room. Switch a rule
off for the project in hawos.yaml:

  lint:
    off: [rpc-messages]

or where it does not apply by a comment on the line, or right above it:

  // hawosgen:off rpc-messages

Exit status: 0 where nothing is found, else 1.`,
		Example: `  hawosgen lint
  hawosgen lint --rules           # what it looks for
  hawosgen lint --format github   # annotate the change in GitHub Actions
  hawosgen lint --format sarif > lint.sarif`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := c.open(cmd, func(p *project.Project) project.Checks { return p.Lint }); err != nil {
				return err
			}
			if c.list {
				return c.printRules()
			}
			config, err := generate.Config(c.project)
			if err != nil {
				return err
			}
			s, faults := schema.Compile(cmd.Context(), config)
			if len(faults) > 0 {
				return c.fault(cmd.Context(), faults)
			}
			return c.finish(cmd.Context(), s, lint.Check(s))
		},
	}
	c.addFlags(cmd)
	return cmd
}
