package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"text/tabwriter"
	"time"
)

// row is one tool at one step of one schema.
type row struct {
	schema, step, tool string
	costs              []cost // a round each
	ratios             []float64
}

// steps are what is measured, in order.
var steps = []string{"cold", "nothing changed", "one file changed"}

// measure takes all tools through the steps, round by round.
func measure(ctx context.Context, s schema, tools []tool, rounds int) ([]row, error) {
	rows := make([]row, 0, len(steps)*len(tools))
	for _, step := range steps {
		for _, t := range tools {
			rows = append(rows, row{schema: s.name, step: step, tool: t.name})
		}
	}
	for round := range rounds {
		for i, step := range steps {
			if step == "one file changed" {
				if err := s.edit(round); err != nil {
					return nil, err
				}
			}
			var first cost
			for j, t := range tools {
				if step == "cold" {
					if err := t.cold(s); err != nil {
						return nil, err
					}
				}
				if step == "nothing changed" && j == 0 { // the first run after a cold one has things to note
					if _, err := t.run(ctx, s); err != nil {
						return nil, err
					}
				}
				c, err := t.run(ctx, s)
				if err != nil {
					return nil, err
				}
				if j == 0 {
					first = c
				}
				r := &rows[i*len(tools)+j]
				r.costs = append(r.costs, c)
				r.ratios = append(r.ratios, float64(c.wall)/float64(first.wall))
			}
		}
	}
	return rows, nil
}

// edit changes the type of a field of one file.
func (s schema) edit(round int) error {
	kind := []string{"bytes", "string"}[round%2]
	i := s.files / 2
	return os.WriteFile(filepath.Join(s.dir, "protos", filepath.FromSlash(s.proto(i))), []byte(s.text(i, kind)), 0o644)
}

// print writes the table.
func print(w io.Writer, rows []row) error {
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "schema\tstep\ttool\twall ms\tCPU ms\tpeak MiB\t÷ hawosgen\t")
	for _, r := range rows {
		fmt.Fprintf(out, "%s\t%s\t%s\t%.0f\t%.0f\t%d\t%.1f\t\n", r.schema, r.step, r.tool,
			median(r.costs, func(c cost) float64 { return ms(c.wall) }), median(r.costs, func(c cost) float64 { return ms(c.cpu) }),
			int(median(r.costs, func(c cost) float64 { return float64(c.peak) / 1024 })), median(r.ratios, func(f float64) float64 { return f }))
	}
	return out.Flush()
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// median returns the middle of what f says of each.
func median[T any](list []T, f func(T) float64) float64 {
	values := make([]float64, len(list))
	for i, x := range list {
		values[i] = f(x)
	}
	slices.Sort(values)
	return values[len(values)/2]
}
