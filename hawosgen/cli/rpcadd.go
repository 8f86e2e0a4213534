package cli

import (
	"fmt"
	"path"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/protoedit"
	"github.com/hawos/hawos/hawosgen/schema"
)

// rpcAddFlags are the flags of hawosgen rpc add.
type rpcAddFlags struct {
	id   uint32
	noID bool
	rpc  protoedit.RPC
}

func newRPCAddCommand() *cobra.Command {
	var flags rpcAddFlags
	cmd := &cobra.Command{
		Use:   "add SERVICE.NAME",
		Short: "Add an rpc to a service: its proto, its protocol ID, a handler to write",
		Long: `add writes an rpc behind the service's last one, in the style of the file, with
the next free protocol ID of the service's range, and empty messages for its
request and its reply where the package has none of the name. Then it does what
hawosgen proto does: your handler type gets the method. Where the result would
not compile as a schema, nothing changes.

Exit status: 0, or 1 where nothing was added.`,
		Example: `  hawosgen rpc add Chat.Kick
  hawosgen rpc add Chat.Kick --doc "Kick puts a user out of a room."
  hawosgen rpc add chat.v1.Chat.Kick --id 2050 --reply Ack
  hawosgen rpc add Chat.Count --no-id   # for other services only, by gRPC`,
		Args: exactArgs(1, "name the rpc: hawosgen rpc add Chat.Kick"),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := openRPCs(cmd)
			if err != nil {
				return err
			}
			service, name, err := splitRPC(args[0])
			if err != nil {
				return err
			}
			svc, err := e.service(service)
			if err != nil {
				return err
			}
			rpc := flags.rpc
			rpc.Name = name
			if err := isFree(svc, name); err != nil {
				return err
			}
			if rpc.ID, err = flags.choose(e.schema, svc); err != nil {
				return err
			}
			text, faults := protoedit.AddRPC(e.src, e.schema, svc, rpc)
			if len(faults) > 0 {
				return e.fail(faults)
			}
			done := fmt.Sprintf("add     %s.%s to %s", svc.Desc.FullName(), name, path.Join(svc.File.Root, svc.File.Path))
			if rpc.ID != 0 {
				done += fmt.Sprintf(" with the protocol ID %d", rpc.ID)
			}
			return e.apply(cmd.Context(), svc.File, text, done)
		},
	}
	cmd.Flags().Uint32Var(&flags.id, "id", 0, "protocol ID (default: the next free one of the service's range)")
	cmd.Flags().BoolVar(&flags.noID, "no-id", false, "give it none: clients cannot call it")
	cmd.Flags().StringVar(&flags.rpc.Request, "request", "", "message of the request (default: NAMERequest)")
	cmd.Flags().StringVar(&flags.rpc.Reply, "reply", "", "message of the reply (default: NAMEReply)")
	cmd.Flags().StringVar(&flags.rpc.Doc, "doc", "", "comment of the rpc")
	cmd.MarkFlagsMutuallyExclusive("id", "no-id")
	return cmd
}

// isFree returns an error where a service has an rpc of the name.
func isFree(svc *schema.Service, name string) error {
	for _, m := range svc.Methods {
		if string(m.Desc.Name()) == name {
			return fmt.Errorf("%s: is there already: %s", m.Desc.FullName(), m.Pos)
		}
	}
	return nil
}

// choose returns the protocol ID that the flags give, else the next free one.
func (f *rpcAddFlags) choose(s *schema.Schema, svc *schema.Service) (uint32, error) {
	if f.noID || f.id != 0 {
		return f.id, nil
	}
	return nextID(s, svc, false)
}

// nextID returns the next free protocol ID for an rpc of svc, or for a push.
func nextID(s *schema.Schema, svc *schema.Service, push bool) (uint32, error) {
	next := s.NextID
	if push {
		next = s.NextPushID
	}
	id, ok := next(svc)
	switch {
	case ok:
		return id, nil
	case svc.IDs.IsZero():
		return 0, fmt.Errorf(`%s has no range of protocol IDs: add option (hawos.app) = {ids: "LOW-HIGH"}`, svc.Desc.FullName())
	}
	return 0, fmt.Errorf("the range %s of %s is full: widen ids", svc.IDs, svc.Desc.FullName())
}
