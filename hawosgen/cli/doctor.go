package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/dev"
	"github.com/hawos/hawos/hawosgen/generate"
	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/hawosgen/schema"
)

func newDoctorCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "doctor",
		Short: "Look whether this machine and the project are fit for hawosgen",
		Long: `doctor looks at this machine (Go, a C compiler, the cache, which servers are real and
which are stand-ins) and, within a project, at its generated code, secrets, settings
and ports. It exits with 1 where something will not work, and says what to do.`,
		Example: "  hawosgen doctor",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			findings := dev.Machine(cmd.Context())
			p, err := openProject(cmd)
			switch {
			case errors.Is(err, project.ErrNone):
				findings = append(findings, dev.Finding{Level: dev.Note, About: "project", Text: "none here"})
			case err != nil:
				findings = append(findings, dev.Finding{Level: dev.Fault, About: "project", Text: err.Error()})
			default:
				findings = append(append(findings, genFinding(cmd.Context(), p)), dev.Project(p)...)
			}
			return printFindings(cmd.OutOrStdout(), findings)
		},
	}
}

// genFinding tells whether gen/ and the handlers are what hawosgen proto would write.
func genFinding(ctx context.Context, p *project.Project) dev.Finding {
	f := dev.Finding{Level: dev.Fine, About: "generated code", Text: "is what the protos say"}
	result, err := generate.Run(ctx, p, generate.Options{})
	var faults schema.Faults
	switch {
	case errors.As(err, &faults):
		f.Level, f.Text = dev.Fault, "the protos have "+count(len(faults), "fault")+"; see hawosgen proto --check"
	case err != nil:
		f.Level, f.Text = dev.Fault, err.Error()
	case !result.Changes.IsEmpty():
		f.Level, f.Text = dev.Fault, "is not what the protos say; run hawosgen proto"
	}
	return f
}

func printFindings(out io.Writer, findings []dev.Finding) error {
	faults := 0
	for _, f := range findings {
		mark := "ok  "
		switch f.Level {
		case dev.Note:
			mark = "note"
		case dev.Fault:
			mark = "BAD "
			faults++
		}
		text := strings.ReplaceAll(f.Text, "\n", fmt.Sprintf("\n%28s", ""))
		fmt.Fprintf(out, "%s  %-21s %s\n", mark, f.About, text)
	}
	if faults > 0 {
		return errPrinted
	}
	return nil
}
