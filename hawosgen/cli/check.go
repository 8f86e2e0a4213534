package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"path"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/hawosgen/report"
	"github.com/hawos/hawos/hawosgen/schema"
)

// check is what the verbs share that look for findings.
type check struct {
	name   string // of the verb, and of its key in hawos.yaml
	rules  report.Rules
	format report.Format
	list   bool // the rules, instead of looking

	project   *project.Project
	off       []string
	out, errs io.Writer
}

// addFlags adds the flags of every check.
func (c *check) addFlags(cmd *cobra.Command) {
	c.format = report.Text
	addFormatFlag(cmd, &c.format)
	cmd.Flags().BoolVar(&c.list, "rules", false, "list the rules, and look for nothing")
}

// addFormatFlag adds the flag of how findings are printed.
func addFormatFlag(cmd *cobra.Command, f *report.Format) {
	cmd.Flags().Var(f, "format", "how to print findings: "+strings.Join(report.Formats(), ", "))
}

// open finds the project and what it has switched off.
func (c *check) open(cmd *cobra.Command, settings func(*project.Project) project.Checks) error {
	p, err := openProject(cmd)
	if err != nil {
		return err
	}
	c.project, c.off = p, settings(p).Off
	c.out, c.errs = cmd.OutOrStdout(), cmd.ErrOrStderr()
	return c.rules.Check(c.off, fmt.Sprintf("%s: %s.off", project.File, c.name))
}

// printRules lists the rules.
func (c *check) printRules() error {
	w := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, r := range c.rules {
		level := "fault"
		switch {
		case slices.Contains(c.off, r.Name):
			level = "off"
		case r.Warning:
			level = "warning"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\n", r.Name, level, r.Doc)
	}
	return w.Flush()
}

// fault prints a schema that does not compile.
func (c *check) fault(ctx context.Context, faults schema.Faults) error {
	out := c.out
	if c.format == report.Text {
		out = c.errs
	}
	return errors.Join(c.print(ctx, out, report.FromFaults(faults, false)), errPrinted)
}

// finish prints the findings that are not switched off, and fails where one is
// more than a warning.
func (c *check) finish(ctx context.Context, s *schema.Schema, findings []report.Finding) error {
	findings = report.Keep(findings, c.off, s.Line)
	if err := c.print(ctx, c.out, findings); err != nil {
		return err
	}
	n := report.Failures(findings)
	if n > 0 {
		fmt.Fprintf(c.errs, "%s: %s\n", c.name, count(n, "finding"))
		return errPrinted
	}
	if c.format == report.Text {
		fmt.Fprintf(c.out, "%s: nothing found\n", c.name)
	}
	return nil
}

func (c *check) print(ctx context.Context, out io.Writer, findings []report.Finding) error {
	if c.format != report.Text {
		below(repoPrefix(ctx, c.project.Dir), findings)
	}
	return c.format.Write(out, findings, c.rules, report.Coloured(out))
}

// repoPrefix returns the path of a folder in its git repository, from whose root
// CI reads places; empty for the root itself, or where there is no repository.
func repoPrefix(ctx context.Context, dir string) string {
	cmd := exec.CommandContext(ctx, "git", "rev-parse", "--show-prefix")
	cmd.Dir = dir
	text, err := cmd.Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(text))
}

// below puts a folder in front of the places of findings.
func below(prefix string, findings []report.Finding) {
	for i := range findings {
		if pos := &findings[i].Pos; prefix != "" && pos.File != "" {
			pos.Root = path.Join(prefix, pos.Root)
		}
	}
}
