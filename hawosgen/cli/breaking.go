package cli

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/breaking"
	"github.com/hawos/hawos/hawosgen/earlier"
	"github.com/hawos/hawos/hawosgen/generate"
	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/hawosgen/schema"
)

func newBreakingCommand() *cobra.Command {
	c := &check{name: "breaking", rules: breaking.Rules()}
	var against string
	cmd := &cobra.Command{
		Use:   "breaking --against REF|FOLDER",
		Short: "Find changes of the protos that break clients built before",
		Long: `breaking holds the protos against what they were: in a commit, branch or tag of
the git repository, or in a folder. Changes that clients or services built from
that would trip over are faults, each with both places; changes to look at are
warnings, which fail nothing. The work tree is not touched.

JSON clients know fields and enum values by name, so a new name breaks them where
the binary protocol does not notice. A project without JSON clients switches
those rules off in hawos.yaml:

  breaking:
    off: [json-name, json-type]

A break that is meant is let through by a comment on the line that is named, or
right above it:

  // hawosgen:off field-type

Exit status: 0 where nothing breaks, else 1.`,
		Example: `  hawosgen breaking --against origin/main
  hawosgen breaking --against v1.2.0 --format github
  hawosgen breaking --against ../released
  hawosgen breaking --rules       # what it looks for`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := c.open(cmd, func(p *project.Project) project.Checks { return p.Breaking }); err != nil {
				return err
			}
			if c.list {
				return c.printRules()
			}
			if against == "" {
				return errors.New("say what to compare with: hawosgen breaking --against origin/main")
			}
			before, err := earlier.Open(cmd.Context(), c.project, workingDir(cmd), against)
			if err != nil {
				return err
			}
			return errors.Join(c.breaking(cmd.Context(), before, against), before.Close())
		},
	}
	c.addFlags(cmd)
	cmd.Flags().StringVar(&against, "against", "", "commit, branch, tag or folder with the protos as they were")
	return cmd
}

// breaking compares the project's schema with what it was.
func (c *check) breaking(ctx context.Context, before *earlier.Project, against string) error {
	config, err := generate.Config(c.project)
	if err != nil {
		return err
	}
	after, faults := schema.Compile(ctx, config)
	if len(faults) > 0 {
		return c.fault(ctx, faults)
	}
	before.Config.Imports = config.Imports // files of others, as they are now
	old, faults := schema.Compile(ctx, before.Config)
	if len(faults) > 0 {
		for i := range faults {
			faults[i].Pos = before.Place(faults[i].Pos)
		}
		fmt.Fprint(c.errs, faults.Format())
		return fmt.Errorf("the protos of %s do not compile, so there is nothing to compare with", against)
	}
	return c.finish(ctx, after, breaking.Compare(old, after, before.Place))
}
