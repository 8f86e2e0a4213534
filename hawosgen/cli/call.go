package cli

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/dev/client"
	"github.com/hawos/hawos/hawosgen/project"
)

func newCallCommand() *cobra.Command {
	var o client.Options
	var timeout time.Duration
	cmd := &cobra.Command{
		Use:   "call ID|SERVICE.METHOD [JSON]",
		Short: "Make one request and print the reply",
		Long: `call makes one request as a client would, over the websocket, logged in as --uid. An
rpc without a protocol ID is for other services only; call is one of them then, by
gRPC. The request is a JSON object, {} if there is none, or - to read it from the
standard input. The reply goes to the standard output as JSON; a refusal is shown
with its code, and the exit status is 1.`,
		Example: `  hawosgen call 2001 '{"room": "lobby"}'
  hawosgen call rank.v1.Rank.Hello '{"name": "Ada"}' --uid ada
  echo '{}' | hawosgen call Chat.Stats -`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 || len(args) == 2 {
				return nil
			}
			return errors.New("want ID|SERVICE.METHOD and a request as one JSON argument in quotes: hawosgen call rank.v1.Rank.Hello '{\"name\": \"Ada\"}'; hawosgen routes lists the rpcs")
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := context.WithTimeout(cmd.Context(), timeout)
			defer cancel()
			c, err := newClient(cmd, o)
			if err != nil {
				return err
			}
			request, err := requestOf(cmd, args)
			if err != nil {
				return err
			}
			reply, err := c.Call(ctx, args[0], request)
			if err != nil {
				return err
			}
			var pretty bytes.Buffer
			if err := json.Indent(&pretty, reply, "", "  "); err != nil {
				return fmt.Errorf("the reply is not JSON: %w", err)
			}
			_, err = fmt.Fprintln(cmd.OutOrStdout(), pretty.String())
			return err
		},
	}
	clientFlags(cmd, &o)
	cmd.Flags().DurationVar(&timeout, "timeout", 30*time.Second, "how long to wait for the connection and the reply")
	return cmd
}

func clientFlags(cmd *cobra.Command, o *client.Options) {
	cmd.Flags().StringVar(&o.UID, "uid", "hawosgen", "uid to log in as, with a token signed by the project's secret")
	cmd.Flags().StringVar(&o.Token, "token", "", "token to log in with instead")
	cmd.Flags().StringVar(&o.URL, "url", "", "websocket of the frontend (default: the running project's)")
}

// newClient returns the client of the project, or one without a project where there is none.
func newClient(cmd *cobra.Command, o client.Options) (*client.Client, error) {
	p, err := openProject(cmd)
	if err != nil && !errors.Is(err, project.ErrNone) {
		return nil, err
	}
	return client.New(cmd.Context(), p, o)
}

func requestOf(cmd *cobra.Command, args []string) (json.RawMessage, error) {
	switch {
	case len(args) < 2:
		return json.RawMessage("{}"), nil
	case args[1] == "-":
		return io.ReadAll(cmd.InOrStdin())
	}
	return json.RawMessage(args[1]), nil
}
