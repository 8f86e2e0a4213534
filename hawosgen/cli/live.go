package cli

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/dev/client"
	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/runtime/registry"
)

// liveRoutes prints what etcd says now: for each protocol ID who answers it, then who answers none.
func liveRoutes(cmd *cobra.Command, p *project.Project) error {
	c, err := client.New(cmd.Context(), p, client.Options{})
	if err != nil {
		return err
	}
	instances, err := c.Instances(cmd.Context())
	if err != nil {
		return err
	}
	return printLive(cmd.OutOrStdout(), instances)
}

func printLive(out io.Writer, instances []registry.Instance) error {
	if len(instances) == 0 {
		_, err := fmt.Fprintln(out, "no instance is registered")
		return err
	}
	type row struct {
		id     uint32 // 0: the instance answers no client
		method string
		on     registry.Instance
	}
	var rows []row
	for _, i := range instances {
		for _, e := range i.Entries {
			rows = append(rows, row{e.ID, e.Method, i})
		}
		if len(i.Entries) == 0 {
			rows = append(rows, row{0, "-", i})
		}
	}
	slices.SortStableFunc(rows, func(a, b row) int { return cmp.Compare(a.id-1, b.id-1) }) // 0 comes last
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "ID\tMETHOD\tINSTANCE\tSTATE\tADDRESS\tADMIN")
	for _, r := range rows {
		id := "-"
		if r.id > 0 {
			id = fmt.Sprint(r.id)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", id, r.method, r.on.ID, r.on.State, r.on.Address, r.on.Admin)
	}
	return table.Flush()
}
