package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/hawosgen/protoedit"
	"github.com/hawos/hawos/hawosgen/schema"
)

func newRPCMvCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "mv SERVICE.OLD NEW",
		Short: "Rename an rpc: its proto, your method, its protocol ID stays",
		Long: `mv gives an rpc another name in its proto, and nothing else: comments, messages
and the protocol ID stay. Then it does what hawosgen proto does: your method
takes the new name and keeps its body. Clients that call by protocol ID do not
notice; services that call it by gRPC have to be built again.

An rpc stays in its service: in another one its protocol ID would mean something
else.

Exit status: 0, or 1 where nothing was renamed.`,
		Example: "  hawosgen rpc mv Chat.Kick Chat.Remove\n  hawosgen rpc mv Chat.Kick Remove",
		Args:    exactArgs(2, "name the rpc and its new name: hawosgen rpc mv Chat.Kick Chat.Remove"),
		RunE: func(cmd *cobra.Command, args []string) error {
			e, err := openRPCs(cmd)
			if err != nil {
				return err
			}
			m, err := e.method(args[0])
			if err != nil {
				return err
			}
			name, err := e.newName(m, args[1])
			if err != nil {
				return err
			}
			text, faults := protoedit.RenameRPC(e.src, m, name)
			if len(faults) > 0 {
				return e.fail(faults)
			}
			if err := e.apply(cmd.Context(), m.Service.File, text, fmt.Sprintf("rename  %s to %s", m.Desc.FullName(), name)); err != nil {
				return err
			}
			if m.ID == 0 {
				fmt.Fprintf(e.errs, "%s has no protocol ID to be known by: move your method's body from %s to %s\n", name, m.Desc.Name(), name)
			}
			return nil
		},
	}
}

// newName returns the name that m is to have: given alone, or with the service
// that m is in.
func (e *rpcEditor) newName(m *schema.Method, given string) (string, error) {
	name := given
	if strings.Contains(given, ".") {
		service, short, err := splitRPC(given)
		if err != nil {
			return "", err
		}
		svc, err := e.service(service)
		if err != nil {
			return "", err
		}
		if svc != m.Service {
			return "", fmt.Errorf("%s stays in its service: add one to %s by hawosgen rpc add, and remove this one once no client calls it", m.Desc.FullName(), svc.Desc.FullName())
		}
		name = short
	}
	if !protoreflect.Name(name).IsValid() {
		return "", fmt.Errorf("%q is no name for an rpc", name)
	}
	return name, isFree(m.Service, name)
}
