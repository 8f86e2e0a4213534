package cli

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/generate"
	"github.com/hawos/hawos/hawosgen/schema"
	"github.com/hawos/hawos/runtime/route"
)

func newRoutesCommand() *cobra.Command {
	var live bool
	cmd := &cobra.Command{
		Use:   "routes",
		Short: "Print which rpc or push each protocol ID is",
		Example: `  hawosgen routes
  hawosgen routes --live           # which instances answer it now, as etcd says`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := openProject(cmd)
			if err != nil {
				return err
			}
			if live {
				return liveRoutes(cmd, p)
			}
			s, _, err := generate.Read(cmd.Context(), p)
			if err != nil {
				run := protoRun{out: cmd.OutOrStdout(), errs: cmd.ErrOrStderr()}
				return run.fail(err)
			}
			return printRoutes(cmd.OutOrStdout(), s)
		},
	}
	cmd.Flags().BoolVar(&live, "live", false, "print which instances are registered in etcd, and what they answer")
	return cmd
}

// routeRow is one line of the table.
type routeRow struct {
	id      uint32
	columns []string
}

func printRoutes(out io.Writer, s *schema.Schema) error {
	var rows []routeRow
	for _, svc := range s.Services {
		for _, m := range svc.Methods {
			if m.ID != 0 {
				rows = append(rows, routeRow{m.ID, []string{"rpc", svc.App, string(m.Desc.FullName()),
					string(m.Desc.Input().FullName()), string(m.Desc.Output().FullName()), routeOptions(m)}})
			}
		}
	}
	for _, p := range s.Pushes {
		rows = append(rows, routeRow{p.ID, []string{"push", p.App, string(p.Desc.FullName()), "-", "-", deliveryOptions(p)}})
	}
	if len(rows) == 0 {
		_, err := fmt.Fprintln(out, "no protocol IDs yet: hawosgen new service NAME makes a first one")
		return err
	}
	slices.SortFunc(rows, func(a, b routeRow) int { return int(int64(a.id) - int64(b.id)) })
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tKIND\tAPP\tNAME\tREQUEST\tREPLY\tOPTIONS")
	for _, r := range rows {
		fmt.Fprintf(w, "%d\t%s\n", r.id, strings.Join(r.columns, "\t"))
	}
	return w.Flush()
}

// routeOptions returns the options that are not the defaults.
func routeOptions(m *schema.Method) string {
	var out []string
	o := m.Options
	if o.Timeout > 0 {
		out = append(out, "timeout "+o.Timeout.String())
	}
	if o.Rate.N > 0 {
		out = append(out, fmt.Sprintf("rate %d/%s", o.Rate.N, unit(o.Rate.Per)))
	}
	if o.LoginOptional {
		out = append(out, "login optional")
	}
	switch o.Order {
	case route.OrderKey:
		out = append(out, "order by "+string(m.Key.Name()))
	case route.OrderNone:
		out = append(out, "no order")
	}
	if o.Idempotent {
		out = append(out, "idempotent")
	}
	return strings.Join(out, ", ")
}

// deliveryOptions returns the options that are not the defaults.
func deliveryOptions(p *schema.Push) string {
	var out []string
	switch p.Delivery.Class {
	case route.Latest:
		out = append(out, "latest")
	case route.DropOldest:
		out = append(out, "drop oldest")
	}
	if p.Delivery.Key != nil {
		out = append(out, "by "+string(p.Delivery.Key.Name()))
	}
	if p.Delivery.TTL > 0 {
		out = append(out, "ttl "+p.Delivery.TTL.String())
	}
	return strings.Join(out, ", ")
}

// unit returns the time of a rate as the schema writes it.
func unit(per time.Duration) string {
	switch per {
	case time.Second:
		return "s"
	case time.Minute:
		return "m"
	}
	return "h"
}
