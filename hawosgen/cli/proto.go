package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/generate"
	"github.com/hawos/hawos/hawosgen/output"
	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/hawosgen/report"
	"github.com/hawos/hawos/hawosgen/schema"
)

// protoFlags are the flags of hawosgen proto.
type protoFlags struct {
	check, diff, watch, build, json bool
	accept                          []uint
	format                          report.Format
}

func newProtoCommand() *cobra.Command {
	flags := protoFlags{format: report.Text}
	cmd := &cobra.Command{
		Use:   "proto",
		Short: "Compile the protos: rewrite gen/, complete handlers and mains",
		Long: `proto compiles the project's .proto files. What is in gen/ is written anew and
what is stale there removed; a new rpc gets a method on your handler type, a
changed one its new signature, a renamed one its new name. Nothing else of your
files changes, and nothing at all is written when the protos have a fault.`,
		Example: `  hawosgen proto
  hawosgen proto --diff           # show what would be written, write nothing
  hawosgen proto --check          # exit 1 unless all is up to date, as in CI
  hawosgen proto --check --format github   # annotate what is not
  hawosgen proto --build          # compile afterwards
  hawosgen proto --watch          # again whenever a proto changes
  hawosgen proto --accept 2001    # let protocol ID 2001 mean something else`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := openProject(cmd)
			if err != nil {
				return err
			}
			run := protoRun{protoFlags: flags, project: p, out: cmd.OutOrStdout(), errs: cmd.ErrOrStderr()}
			run.useFormat(cmd.Context(), flags.format)
			if flags.watch {
				return run.watchProtos(cmd.Context())
			}
			return run.once(cmd.Context())
		},
	}
	cmd.Flags().BoolVar(&flags.check, "check", false, "write nothing, and fail unless all is up to date")
	cmd.Flags().BoolVar(&flags.diff, "diff", false, "write nothing, and print what would change")
	cmd.Flags().BoolVar(&flags.watch, "watch", false, "run again whenever a proto changes, until interrupted")
	cmd.Flags().BoolVar(&flags.build, "build", false, "compile the project afterwards")
	cmd.Flags().BoolVar(&flags.json, "json", false, "print the report as JSON")
	cmd.Flags().UintSliceVar(&flags.accept, "accept", nil, "protocol ID that may mean something else than before")
	addFormatFlag(cmd, &flags.format)
	cmd.MarkFlagsMutuallyExclusive("watch", "check", "json")
	cmd.MarkFlagsMutuallyExclusive("watch", "format", "json")
	cmd.MarkFlagsMutuallyExclusive("watch", "diff")
	return cmd
}

// protoRun is one call of hawosgen proto.
type protoRun struct {
	protoFlags
	project   *project.Project
	out, errs io.Writer
	ci        ciForm
	example   string // appName whose handler is the example of new service
}

// once compiles, reports and writes.
func (r *protoRun) once(ctx context.Context) error {
	start := time.Now()
	dry := r.check || r.diff
	if !r.json && !r.build && r.ci.out == nil && generate.IsFresh(r.project) {
		fmt.Fprintln(r.out, upToDate)
		return nil
	}
	res, err := r.generate(ctx)
	if err != nil {
		return r.fail(err)
	}
	if !dry {
		if err := res.Changes.Write(); err != nil {
			return err
		}
		if err := res.Remember(r.project); err != nil {
			return err
		}
	}
	if err := r.report(res, dry, time.Since(start)); err != nil {
		return err
	}
	if r.check && !res.Changes.IsEmpty() {
		return errPrinted
	}
	if r.build && !dry {
		return buildProject(ctx, r.project, res, r.errs)
	}
	return nil
}

func (r *protoRun) generate(ctx context.Context) (*generate.Result, error) {
	o := generate.Options{Example: r.example, Progress: func(s string) { fmt.Fprintln(r.errs, s) }}
	for _, id := range r.accept {
		o.Accept = append(o.Accept, uint32(id))
	}
	return generate.Run(ctx, r.project, o)
}

// fail prints what is wrong with the protos.
func (r *protoRun) fail(err error) error {
	var faults schema.Faults
	if !errors.As(err, &faults) {
		return err
	}
	if r.json {
		return errors.Join(printJSON(r.out, jsonReport{Faults: jsonFaults(faults)}), errPrinted)
	}
	return errors.Join(r.printFaults(faults), errPrinted)
}

func (r *protoRun) report(res *generate.Result, dry bool, took time.Duration) error {
	if r.json {
		return printJSON(r.out, newJSONReport(res, dry))
	}
	if err := r.printWarnings(res); err != nil {
		return err
	}
	for _, c := range res.Changes.List {
		switch {
		case r.diff:
			writeDiff(r.out, c)
		default:
			fmt.Fprintf(r.out, "%s  %s\n", c.Did, c.Path)
		}
		if c.Edited {
			fmt.Fprintf(r.errs, "%s: was edited by hand; it is hawosgen's, so the edit goes. A copy is in %s\n", c.Path, output.EditedCopy(c.Path))
		}
	}
	for _, id := range res.IDs {
		fmt.Fprintln(r.out, id)
	}
	for _, n := range res.Notes {
		fmt.Fprintln(r.errs, n)
	}
	switch {
	case res.Changes.IsEmpty():
		fmt.Fprintln(r.out, upToDate)
	case r.check:
		fmt.Fprintf(r.errs, "%s not up to date: run hawosgen proto\n", count(len(res.Changes.List), "file"))
	case !dry:
		fmt.Fprintf(r.out, "wrote %s in %s\n", count(len(res.Changes.List), "file"), took.Round(time.Millisecond))
	}
	return nil
}

const upToDate = "up to date: nothing to write"

// count returns "1 file" or "2 files".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
