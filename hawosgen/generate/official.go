package generate

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/hawos/hawos/hawosgen/output"
	"github.com/hawos/hawos/hawosgen/plan"
	"github.com/hawos/hawos/hawosgen/plugin"
)

// official runs protoc-gen-go and protoc-gen-go-grpc, at the same time.
func (g *run) official(ctx context.Context) ([]output.File, error) {
	s := g.result.Schema
	in := plugin.Input{Files: s.Protos(), Packages: s.GoPackages()}
	services := in
	for _, f := range s.Owned() {
		in.Generate = append(in.Generate, f.Path)
		if f.Desc.Services().Len() > 0 {
			services.Generate = append(services.Generate, f.Path)
		}
	}
	var outs [2]plugin.Output
	group, ctx := errgroup.WithContext(ctx)
	if len(in.Generate) > 0 {
		group.Go(func() (err error) { outs[0], err = plugin.Messages(in); return err })
	}
	if len(services.Generate) > 0 {
		group.Go(func() (err error) { outs[1], err = plugin.Services(ctx, services, g.options.Progress); return err })
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	var files []output.File
	for i, suffix := range []string{".pb.go", "_grpc.pb.go"} {
		for _, name := range slices.Sorted(maps.Keys(outs[i])) {
			f := s.File(strings.TrimSuffix(name, suffix) + ".proto")
			if f == nil {
				return nil, fmt.Errorf("a plugin printed %s, which belongs to no proto", name)
			}
			files = append(files, output.File{Path: plan.GoPath(f, suffix), Text: outs[i][name]})
		}
	}
	return files, nil
}
