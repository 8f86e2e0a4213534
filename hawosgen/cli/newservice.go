package cli

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/hawos/hawos/hawosgen/generate"
	"github.com/hawos/hawos/hawosgen/model"
	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/hawosgen/schema"
	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/route"
)

func newServiceCommand() *cobra.Command {
	var ids string
	cmd := &cobra.Command{
		Use:   "service NAME",
		Short: "Add a service with an example rpc: proto, handlers, main, settings",
		Long: `service adds a proto with an example rpc, compiles it, and builds the project.
NAME is the service's appName. Its protocol IDs lie in a range that no other
service has: the next free thousand, unless --ids says.`,
		Example: `  hawosgen new service rank
  hawosgen new service rank --ids 3000-3999`,
		Args: exactArgs(1, "name the service: hawosgen new service rank"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p, err := openProject(cmd)
			if err != nil {
				return err
			}
			n := serviceMaker{project: p, app: args[0], ids: ids, out: cmd.OutOrStdout(), errs: cmd.ErrOrStderr()}
			return n.run(cmd.Context())
		},
	}
	cmd.Flags().StringVar(&ids, "ids", "", "range of the service's protocol IDs, LO-HI (default: the next free thousand)")
	return cmd
}

// serviceMaker is one call of hawosgen new service.
type serviceMaker struct {
	project   *project.Project
	app, ids  string
	out, errs io.Writer
}

func (n *serviceMaker) run(ctx context.Context) error {
	if err := registry.CheckName(n.app); err != nil {
		return err
	}
	if model.IsReservedApp(n.app) {
		return fmt.Errorf("appName %q belongs to the project's own %s: choose another", n.app, n.app)
	}
	before, err := generate.Run(ctx, n.project, generate.Options{Progress: n.progress})
	if err != nil {
		return n.fail(err)
	}
	data := &model.NewService{App: n.app, Root: n.project.Protos[0]}
	if err := n.free(before, data); err != nil {
		return err
	}
	if data.IDs, err = n.chooseRange(before); err != nil {
		return err
	}
	data.First = data.IDs.Low
	if data.IDs.High > data.IDs.Low {
		data.First++
	}
	if err := generate.NewService(n.project.Dir, data); err != nil {
		return err
	}
	fmt.Fprintln(n.out, "create ", data.ProtoPath())
	proto := protoRun{project: n.project, out: n.out, errs: n.errs, example: n.app}
	if err := proto.once(ctx); err != nil {
		return errors.Join(err, os.Remove(n.project.Path(data.ProtoPath())))
	}
	if err := goStep(ctx, n.errs, n.project.Dir, "go build ./...", "build", "./..."); err != nil {
		return err
	}
	fmt.Fprintf(n.out, "made the service %s. Go on with:\n  hawosgen up\n  hawosgen call %s.%s.Hello '{\"name\": \"Ada\"}'\n", n.app, data.ProtoPackage(), data.Name())
	return nil
}

func (n *serviceMaker) progress(s string) { fmt.Fprintln(n.errs, s) }

// fail reports what is wrong before the service is made.
func (n *serviceMaker) fail(err error) error {
	r := protoRun{out: n.out, errs: n.errs}
	return r.fail(err)
}

// free refuses a service that the project has already.
func (n *serviceMaker) free(before *generate.Result, data *model.NewService) error {
	for _, a := range before.Model.Apps {
		if a.Name == n.app {
			return fmt.Errorf("service %s exists: add rpcs to its proto, then run hawosgen proto", n.app)
		}
	}
	if _, err := os.Stat(n.project.Path(data.ProtoPath())); err == nil {
		return fmt.Errorf("%s exists: choose another name", data.ProtoPath())
	}
	return nil
}

// chooseRange returns the range that --ids gives, or the next free thousand.
func (n *serviceMaker) chooseRange(before *generate.Result) (schema.Range, error) {
	taken := takenRanges(before)
	if n.ids == "" {
		low := uint32(1000)
		for _, t := range taken {
			if t.High >= low && t.High < math.MaxInt32-2000 {
				low = t.High/1000*1000 + 1000
			}
		}
		return schema.Range{Low: low, High: low + 999}, nil
	}
	r, err := parseRange(n.ids)
	if err != nil {
		return r, err
	}
	for _, t := range taken {
		if r.Low <= t.High && t.Low <= r.High {
			return r, fmt.Errorf("--ids %s: %d-%d is taken by %s", n.ids, t.Low, t.High, t.by)
		}
	}
	return r, nil
}

// takenRange is a range of protocol IDs with whom it belongs to.
type takenRange struct {
	schema.Range
	by string
}

// takenRanges returns the ranges of all services and, for those without one, each
// ID that the lock knows, retired ones too.
func takenRanges(before *generate.Result) []takenRange {
	var out []takenRange
	add := func(r schema.Range, by string) { out = append(out, takenRange{r, by}) }
	for _, svc := range before.Schema.Services {
		if !svc.IDs.IsZero() {
			add(svc.IDs, string(svc.Desc.FullName()))
		}
	}
	for _, e := range before.Lock {
		add(schema.Range{Low: e.ID, High: e.ID}, e.Name)
	}
	slices.SortFunc(out, func(a, b takenRange) int { return int(int64(a.Low) - int64(b.Low)) })
	return out
}

func parseRange(text string) (schema.Range, error) {
	low, high, ok := strings.Cut(text, "-")
	l, err1 := strconv.ParseUint(strings.TrimSpace(low), 10, 31)
	h, err2 := strconv.ParseUint(strings.TrimSpace(high), 10, 31)
	if !ok || errors.Join(err1, err2) != nil || l < route.FirstID || h < l {
		return schema.Range{}, fmt.Errorf("--ids %q: must be LO-HI with %d ≤ LO ≤ HI ≤ 2147483647", text, route.FirstID)
	}
	return schema.Range{Low: uint32(l), High: uint32(h)}, nil
}
