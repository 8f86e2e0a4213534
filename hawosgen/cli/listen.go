package cli

import (
	"encoding/json"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/dev/client"
)

func newListenCommand() *cobra.Command {
	var o client.Options
	var groups, calls []string
	cmd := &cobra.Command{
		Use:   "listen",
		Short: "Print the pushes that a client gets",
		Long: `listen logs in as --uid and prints each push as a line of JSON with its id, name and
payload, until Ctrl-C. It may make calls first, such as to enter a room, and join
groups, both again after a lost connection.`,
		Example: `  hawosgen listen --uid ada
  hawosgen listen --call 'Chat.Join={"room": "lobby"}'
  hawosgen listen --join room:lobby`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			first := client.First{Groups: groups}
			for _, text := range calls {
				target, request, ok := strings.Cut(text, "=")
				if !ok {
					request = "{}"
				}
				first.Calls = append(first.Calls, client.Request{Target: target, JSON: json.RawMessage(request)})
			}
			c, err := newClient(cmd, o)
			if err != nil {
				return err
			}
			ready := func(uid string) { fmt.Fprintf(cmd.ErrOrStderr(), "logged in as %s, listening\n", uid) }
			lines := json.NewEncoder(cmd.OutOrStdout())
			return c.Listen(cmd.Context(), first, ready, func(p client.Push) { _ = lines.Encode(p) })
		},
	}
	clientFlags(cmd, &o)
	cmd.Flags().StringArrayVar(&groups, "join", nil, "`GROUP` to join first, such as room:lobby")
	cmd.Flags().StringArrayVar(&calls, "call", nil, "`TARGET=JSON`: call to make first")
	return cmd
}
