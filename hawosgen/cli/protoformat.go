package cli

import (
	"context"
	"errors"
	"fmt"
	"io"

	"github.com/hawos/hawos/hawosgen/generate"
	"github.com/hawos/hawos/hawosgen/output"
	"github.com/hawos/hawos/hawosgen/report"
	"github.com/hawos/hawos/hawosgen/schema"
)

// ciForm is a form for CI in which a run prints what it found. The zero value
// prints text.
type ciForm struct {
	format report.Format
	out    io.Writer // of the form, and of nothing else
	prefix string    // of the project's folder in its repository
}

// useFormat has findings printed in a form for CI, and all else to stderr.
func (r *protoRun) useFormat(ctx context.Context, f report.Format) {
	if f != report.Text {
		r.ci = ciForm{format: f, out: r.out, prefix: repoPrefix(ctx, r.project.Dir)}
		r.out = r.errs
	}
}

func (c ciForm) print(findings []report.Finding) error {
	below(c.prefix, findings)
	return c.format.Write(c.out, findings, nil, false)
}

// printFaults prints what is wrong with the protos.
func (r *protoRun) printFaults(faults schema.Faults) error {
	findings := report.FromFaults(faults, false)
	if r.ci.out != nil {
		return r.ci.print(findings)
	}
	err := report.Text.Write(r.errs, findings, nil, report.Coloured(r.errs))
	_, errLast := fmt.Fprintf(r.errs, "%s: nothing is written\n", count(len(faults), "fault"))
	return errors.Join(err, errLast)
}

// printWarnings prints what is worth a look and, in a form for CI, the files
// that a check finds not up to date.
func (r *protoRun) printWarnings(res *generate.Result) error {
	findings := report.FromFaults(res.Warnings, true)
	if r.ci.out == nil {
		return report.Text.Write(r.errs, findings, nil, report.Coloured(r.errs))
	}
	if r.check {
		for _, c := range res.Changes.List {
			findings = append(findings, report.Finding{Fault: schema.Fault{
				Pos: schema.Pos{File: c.Path}, Text: staleText(c), Remedy: "run hawosgen proto, and commit what it writes",
			}})
		}
	}
	return r.ci.print(findings)
}

// staleText says what is wrong with a file that is not up to date.
func staleText(c output.Change) string {
	switch {
	case c.Did == output.Created:
		return "is missing"
	case c.Did == output.Removed:
		return "is there, and nothing makes it any more"
	case c.Edited:
		return "was edited by hand, and is hawosgen's"
	}
	return "is not up to date"
}
