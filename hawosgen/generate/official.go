package generate

import (
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/hawos/hawos/hawosgen/output"
	"github.com/hawos/hawos/hawosgen/plan"
	"github.com/hawos/hawos/hawosgen/plugin"
	"github.com/hawos/hawos/hawosgen/schema"
)

// official returns what protoc-gen-go and protoc-gen-go-grpc print: the files that
// are there, where nothing behind them has changed. The generators run at the
// same time for the others.
func (g *run) official(ctx context.Context) ([]output.File, error) {
	keys := &keys{run: g, byPath: map[string]string{}}
	messages := officialFiles{run: g, keys: keys, suffix: ".pb.go"}
	services := officialFiles{run: g, keys: keys, suffix: "_grpc.pb.go"}
	for _, f := range g.result.Schema.Owned() {
		messages.add(f)
		if f.Desc.Services().Len() > 0 {
			services.add(f)
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	texts := make([]plugin.Output, shards(len(messages.dirty))+1)
	for i, part := range split(messages.dirty, len(texts)-1) {
		group.Go(func() (err error) { texts[i], err = plugin.Messages(g.input(part)); return err })
	}
	if len(services.dirty) > 0 {
		group.Go(func() (err error) {
			texts[len(texts)-1], err = plugin.Services(ctx, g.input(services.dirty), g.options.Progress)
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	for i, out := range texts {
		files := &messages
		if i == len(texts)-1 {
			files = &services
		}
		if err := files.take(out); err != nil {
			return nil, err
		}
	}
	return append(messages.done, services.done...), nil
}

// shardFiles is how many files are worth a goroutine of their own.
const shardFiles = 8

func shards(files int) int {
	return max(1, min(runtime.GOMAXPROCS(0), files/shardFiles))
}

// split divides the list into at most n parts, none of them empty.
func split(list []string, n int) [][]string {
	if len(list) == 0 {
		return nil
	}
	return slices.Collect(slices.Chunk(list, (len(list)+n-1)/n))
}

// input returns what a plugin needs to generate code for the files of the paths.
func (g *run) input(paths []string) plugin.Input {
	in := plugin.Input{Generate: paths, Packages: map[string]string{}}
	for _, f := range closure(g.result.Schema, paths) {
		in.Files = append(in.Files, f.Proto)
		in.Packages[f.Path] = f.Go.ImportPath + ";" + f.Go.Name
	}
	return in
}

// officialFiles are the files of one generator.
type officialFiles struct {
	run    *run
	keys   *keys
	suffix string
	dirty  []string // protos whose file must be printed
	done   []output.File
}

// add takes f's file as it is, or lists f as dirty.
func (o *officialFiles) add(f *schema.File) {
	path := plan.GoPath(f, o.suffix)
	if text, ok := o.run.result.memo.Text(path, o.keys.of(f)); ok {
		o.done = append(o.done, output.File{Path: path, Text: text})
		return
	}
	o.dirty = append(o.dirty, f.Path)
}

// take takes in what the generator printed.
func (o *officialFiles) take(texts plugin.Output) error {
	for name, text := range texts {
		f := o.run.result.Schema.File(strings.TrimSuffix(name, o.suffix) + ".proto")
		if f == nil {
			return fmt.Errorf("a plugin printed %s, which belongs to no proto", name)
		}
		path := plan.GoPath(f, o.suffix)
		o.run.result.memo.Put(path, o.keys.of(f), text)
		o.done = append(o.done, output.File{Path: path, Text: text})
	}
	return nil
}
