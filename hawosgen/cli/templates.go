package cli

import (
	"fmt"
	"text/tabwriter"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/eject"
)

func newTemplatesCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "templates",
		Short: "List what generated files are printed from, and make a template your own",
		Long: `templates shows the templates that hawosgen prints files from. An ejected one is
a copy in the project's folder templates/ that stands in for hawosgen's. What it
was copied from is kept in templates/.original (commit both), so that after an
upgrade hawosgen proto says which have changed, and templates diff shows how.

Files of your own are printed by outputs in hawos.yaml, from templates anywhere:

  outputs:
    - template: templates/service.md.tmpl  # ends with .go.tmpl: Go, which is formatted
      each: service                        # or package, or once
      to: docs/{{.App}}-{{.Name}}.md`,
		Example: `  hawosgen templates list
  hawosgen templates eject cmd/_app_/main.go     # then edit templates/tree/cmd/_app_/main.go.tmpl
  hawosgen templates diff                        # what hawosgen has changed since you ejected
  hawosgen templates merged cmd/_app_/main.go    # you have taken it over`,
		Args: cobra.NoArgs,
	}
	cmd.AddCommand(
		&cobra.Command{Use: "list", Short: "List all templates, and which are ejected", Args: cobra.NoArgs, RunE: listTemplates,
			Example: "  hawosgen templates list"},
		templateCommand("eject NAME", "Copy a template into the project, where it stands in for hawosgen's", ejectTemplate),
		&cobra.Command{Use: "diff [NAME]", Short: "Show what hawosgen has changed in its templates since they were ejected", Args: cobra.MaximumNArgs(1), RunE: diffTemplates,
			Example: "  hawosgen templates diff\n  hawosgen templates diff cmd/_app_/main.go"},
		templateCommand("merged NAME", "Say that your template takes account of hawosgen's as it is now", mergedTemplate),
	)
	return cmd
}

// templateCommand is a verb about one template of the project.
func templateCommand(use, short string, run func(cmd *cobra.Command, dir string, t eject.Template) error) *cobra.Command {
	verb := use[:len(use)-len(" NAME")]
	return &cobra.Command{
		Use: use, Short: short, Example: "  hawosgen templates " + verb + " cmd/_app_/main.go",
		Args: exactArgs(1, "name a template: hawosgen templates "+verb+" cmd/_app_/main.go; hawosgen templates list shows all"),
		RunE: func(cmd *cobra.Command, args []string) error {
			dir, list, err := projectTemplates(cmd)
			if err != nil {
				return err
			}
			t, err := eject.Find(list, args[0])
			if err != nil {
				return err
			}
			return run(cmd, dir, t)
		},
	}
}

// projectTemplates returns the project's folder and all templates.
func projectTemplates(cmd *cobra.Command) (string, []eject.Template, error) {
	p, err := openProject(cmd)
	if err != nil {
		return "", nil, err
	}
	list, err := eject.Load(p.Dir)
	return p.Dir, list, err
}

func listTemplates(cmd *cobra.Command, _ []string) error {
	_, list, err := projectTemplates(cmd)
	if err != nil {
		return err
	}
	out := tabwriter.NewWriter(cmd.OutOrStdout(), 0, 0, 2, ' ', 0)
	for _, t := range list {
		switch {
		case t.BuiltIn == nil:
			fmt.Fprintf(out, "%s\tejected, gone from hawosgen\n", t.Name)
		case t.HasChanged():
			fmt.Fprintf(out, "%s\tejected, changed in hawosgen since\n", t.Name)
		case t.IsEjected():
			fmt.Fprintf(out, "%s\tejected\n", t.Name)
		default:
			fmt.Fprintf(out, "%s\t\n", t.Name)
		}
	}
	return out.Flush()
}

func ejectTemplate(cmd *cobra.Command, dir string, t eject.Template) error {
	if err := eject.Eject(dir, t); err != nil {
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "wrote %s: edit it, then run hawosgen proto\n", t.Path())
	return err
}

func mergedTemplate(cmd *cobra.Command, dir string, t eject.Template) error {
	if !t.IsEjected() {
		return fmt.Errorf("%s is not ejected", t.Name)
	}
	if err := eject.Merged(dir, t); err != nil {
		return err
	}
	_, err := fmt.Fprintf(cmd.OutOrStdout(), "%s is up to date with hawosgen's\n", t.Path())
	return err
}

func diffTemplates(cmd *cobra.Command, args []string) error {
	_, list, err := projectTemplates(cmd)
	if err != nil {
		return err
	}
	if len(args) == 1 {
		t, err := eject.Find(list, args[0])
		if err != nil {
			return err
		}
		list = []eject.Template{t}
	}
	shown := false
	for _, t := range list {
		if !t.HasChanged() {
			continue
		}
		shown = true
		fmt.Fprintf(cmd.OutOrStdout(), "%s", diff.Diff("ejected/"+t.Name, t.Original, "hawosgen/"+t.Name, t.BuiltIn))
	}
	if !shown {
		fmt.Fprintln(cmd.OutOrStdout(), "hawosgen has changed none of the ejected templates since")
	}
	return nil
}
