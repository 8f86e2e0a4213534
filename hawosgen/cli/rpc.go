package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"strings"

	"github.com/spf13/cobra"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/hawosgen/generate"
	"github.com/hawos/hawos/hawosgen/output"
	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/hawosgen/schema"
	"github.com/hawos/hawos/hawosgen/schema/lock"
)

func newRPCCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "rpc",
		Short: "Add or rename an rpc in its proto, and generate its code",
		Example: `  hawosgen rpc add Chat.Kick
  hawosgen rpc mv Chat.Kick Chat.Remove`,
	}
	cmd.AddCommand(newRPCAddCommand(), newRPCMvCommand())
	return cmd
}

// rpcEditor is one change of an rpc in its proto.
type rpcEditor struct {
	project   *project.Project
	src       *schema.Sources
	schema    *schema.Schema
	out, errs io.Writer
}

// openRPCs compiles the project's protos.
func openRPCs(cmd *cobra.Command) (*rpcEditor, error) {
	p, err := openProject(cmd)
	if err != nil {
		return nil, err
	}
	e := &rpcEditor{project: p, out: cmd.OutOrStdout(), errs: cmd.ErrOrStderr()}
	locked, err := readLock(p)
	if err != nil {
		return nil, e.fail(err)
	}
	config, err := generate.Config(p)
	if err != nil {
		return nil, err
	}
	config.Locked = locked.IDs()
	src, faults := schema.Read(config)
	if len(faults) == 0 {
		e.src = src
		e.schema, faults = src.Compile(cmd.Context())
	}
	if len(faults) > 0 {
		return nil, e.fail(faults)
	}
	return e, nil
}

// readLock reads what protocol IDs mean; nothing where there is no lock yet.
func readLock(p *project.Project) (lock.Lock, error) {
	text, err := os.ReadFile(p.Path(project.LockFile))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	l, faults := lock.Parse(text)
	if len(faults) > 0 {
		return nil, faults
	}
	return l, nil
}

func (e *rpcEditor) fail(err error) error {
	r := protoRun{out: e.out, errs: e.errs}
	return r.fail(err)
}

// service returns the service of a name, short or full.
func (e *rpcEditor) service(name string) (*schema.Service, error) {
	var found []*schema.Service
	var names []string
	for _, svc := range e.schema.Services {
		full := string(svc.Desc.FullName())
		names = append(names, full)
		if full == name || strings.HasSuffix(full, "."+name) {
			found = append(found, svc)
		}
	}
	switch {
	case len(found) == 1:
		return found[0], nil
	case len(found) > 1:
		return nil, fmt.Errorf("service %q may be %s or %s: give its full name", name, found[0].Desc.FullName(), found[1].Desc.FullName())
	case len(names) == 0:
		return nil, errors.New("there is no service yet: hawosgen new service NAME makes one")
	}
	return nil, unknownService(name, names)
}

// unknownService returns the error of a name that none of the services has.
func unknownService(name string, names []string) error {
	short := make([]string, len(names))
	for i, n := range names {
		short[i] = n[strings.LastIndexByte(n, '.')+1:]
	}
	if near := schema.Nearest(name, append(short, names...)); near != "" {
		return fmt.Errorf("there is no service %q: did you mean %s?", name, near)
	}
	return fmt.Errorf("there is no service %q: there are %s", name, strings.Join(names, ", "))
}

// method returns an rpc by the name of its service and its own: Chat.Send.
func (e *rpcEditor) method(name string) (*schema.Method, error) {
	service, short, err := splitRPC(name)
	if err != nil {
		return nil, err
	}
	svc, err := e.service(service)
	if err != nil {
		return nil, err
	}
	names := make([]string, len(svc.Methods))
	for i, m := range svc.Methods {
		if string(m.Desc.Name()) == short {
			return m, nil
		}
		names[i] = string(m.Desc.Name())
	}
	if near := schema.Nearest(short, names); near != "" {
		return nil, fmt.Errorf("%s has no rpc %q: did you mean %s?", svc.Desc.FullName(), short, near)
	}
	return nil, fmt.Errorf("%s has no rpc %q", svc.Desc.FullName(), short)
}

// splitRPC parts Chat.Send, or chat.v1.Chat.Send, into service and rpc.
func splitRPC(name string) (service, rpc string, err error) {
	at := strings.LastIndexByte(name, '.')
	if at <= 0 || !protoreflect.Name(name[at+1:]).IsValid() {
		return "", "", fmt.Errorf("%q is no rpc: write Service.Name, such as Chat.Kick", name)
	}
	return name[:at], name[at+1:], nil
}

// apply writes the new text of f, once it compiles, and generates the code as
// hawosgen proto does. Where that cannot be, f becomes what it was.
func (e *rpcEditor) apply(ctx context.Context, f *schema.File, text []byte, done string) error {
	if _, faults := e.src.With(map[string][]byte{f.Path: text}).Compile(ctx); len(faults) > 0 {
		return e.fail(faults)
	}
	name := path.Join(f.Root, f.Path)
	before := bytes.Clone(e.src.File(f.Path).Text)
	if err := e.write(name, text); err != nil {
		return err
	}
	fmt.Fprintln(e.out, done)
	run := protoRun{project: e.project, out: e.out, errs: e.errs}
	if err := run.once(ctx); err != nil {
		fmt.Fprintf(e.errs, "%s: is as it was before\n", name)
		return errors.Join(err, e.write(name, before))
	}
	return nil
}

func (e *rpcEditor) write(name string, text []byte) error {
	changes, err := output.Edits(e.project.Dir, []output.File{{Path: name, Text: text}})
	if err != nil {
		return err
	}
	return changes.WriteApart() // the run that follows is what undo takes back
}
