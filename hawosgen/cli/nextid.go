package cli

import (
	"fmt"

	"github.com/spf13/cobra"
)

func newNextIDCommand() *cobra.Command {
	var push bool
	cmd := &cobra.Command{
		Use:   "next-id SERVICE",
		Short: "Print the next free protocol ID of a service",
		Long: `next-id prints the protocol ID that the next rpc of a service gets: the first one
of its range, behind those of its rpcs, that nothing has or ever had. IDs that
hawos.lock keeps as retired count as taken.`,
		Example: `  hawosgen next-id Chat
  hawosgen next-id chat.v1.Chat --push   # for the next push`,
		Args: exactArgs(1, "name the service: hawosgen next-id Chat"),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := openRPCs(cmd)
			if err != nil {
				return err
			}
			svc, err := e.service(args[0])
			if err != nil {
				return err
			}
			id, err := nextID(e.schema, svc, push)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintln(e.out, id)
			return err
		},
	}
	cmd.Flags().BoolVar(&push, "push", false, "for the next push that the service announces")
	return cmd
}
