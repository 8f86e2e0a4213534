package cli

import (
	"fmt"
	"runtime"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/origin"
)

func newVersionCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "version",
		Short:   "Print the version of hawosgen and where it was built from",
		Example: "  hawosgen version",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o := origin.Find()
			from := ""
			if o.Checkout != "" {
				from = ", built from the checkout " + o.Checkout
			}
			_, err := fmt.Fprintf(cmd.OutOrStdout(), "hawosgen %s%s (%s %s/%s)\n",
				o.Version, from, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return err
		},
	}
}
