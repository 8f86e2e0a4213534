package cli

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/generate"
	"github.com/hawos/hawos/hawosgen/todo"
)

func newTodoCommand() *cobra.Command {
	var check bool
	cmd := &cobra.Command{
		Use:   "todo",
		Short: "Tell which rpcs are written, which are stubs, and which methods have no rpc",
		Long: `todo looks for the method of each rpc in your code: implemented, stub (it still
answers that it is not written), missing (run hawosgen proto), or orphan: a
method whose rpc is gone, which you may delete.

Exit status: 0; with --check 1 where a method is a stub or missing.`,
		Example: `  hawosgen todo
  hawosgen todo --check           # exit 1 while there are stubs, as in CI`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			p, err := openProject(cmd)
			if err != nil {
				return err
			}
			run := protoRun{out: cmd.OutOrStdout(), errs: cmd.ErrOrStderr()}
			s, m, err := generate.Read(cmd.Context(), p)
			if err != nil {
				return run.fail(err)
			}
			l, err := readLock(p)
			if err != nil {
				return run.fail(err)
			}
			items, err := todo.List(p, s, m, l)
			if err != nil {
				return err
			}
			open, err := printTodo(cmd.OutOrStdout(), items)
			if err != nil {
				return err
			}
			if check && open > 0 {
				fmt.Fprintf(cmd.ErrOrStderr(), "todo: %s not written yet\n", count(open, "rpc"))
				return errPrinted
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "fail while a method is a stub or missing")
	return cmd
}

// printTodo prints the items, and returns how many are open.
func printTodo(out io.Writer, items []todo.Item) (open int, err error) {
	if len(items) == 0 {
		_, err := fmt.Fprintln(out, "no rpcs yet: hawosgen new service NAME makes a first one")
		return 0, err
	}
	w := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(w, "ID\tSTATE\tRPC\tPLACE")
	counts := map[todo.State]int{}
	for _, i := range items {
		id := "-"
		if i.ID != 0 {
			id = fmt.Sprint(i.ID)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\n", id, i.State, i.Name, i.Place)
		counts[i.State]++
		if i.IsOpen() {
			open++
		}
	}
	if err := w.Flush(); err != nil {
		return 0, err
	}
	var parts []string
	for _, s := range []todo.State{todo.Implemented, todo.Stub, todo.Missing, todo.Orphan} {
		if counts[s] > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", counts[s], s))
		}
	}
	_, err = fmt.Fprintln(out, strings.Join(parts, ", "))
	return open, err
}
