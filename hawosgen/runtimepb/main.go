// Command runtimepb generates the code of hawos's own protos. It runs in
// runtime/hawospb, by go generate.
package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path"

	"github.com/bufbuild/protocompile"
	"github.com/bufbuild/protocompile/linker"
	"github.com/bufbuild/protocompile/protoutil"

	"github.com/hawos/hawos/hawosgen/plugin"
)

func main() {
	if err := generate(context.Background()); err != nil {
		fmt.Fprintln(os.Stderr, "runtimepb:", err)
		os.Exit(1)
	}
}

func generate(ctx context.Context) error {
	entries, err := os.ReadDir("hawos")
	if err != nil {
		return err
	}
	var in plugin.Input
	for _, e := range entries {
		in.Generate = append(in.Generate, path.Join("hawos", e.Name()))
	}
	compiler := protocompile.Compiler{
		Resolver:       protocompile.WithStandardImports(&protocompile.SourceResolver{}),
		SourceInfoMode: protocompile.SourceInfoStandard,
	}
	files, err := compiler.Compile(ctx, in.Generate...)
	if err != nil {
		return err
	}
	seen := map[string]bool{}
	for _, f := range files {
		add(&in, f, seen)
	}
	out, err := plugin.Messages(in)
	if err != nil {
		return err
	}
	services, err := plugin.Services(ctx, in, func(s string) { fmt.Fprintln(os.Stderr, s) })
	if err != nil {
		return err
	}
	maps.Copy(out, services)
	for name, text := range out {
		if err := os.WriteFile(path.Base(name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// add appends f to the input, after what it imports.
func add(in *plugin.Input, f linker.File, seen map[string]bool) {
	if seen[f.Path()] {
		return
	}
	seen[f.Path()] = true
	for i := range f.Imports().Len() {
		add(in, f.FindImportByPath(f.Imports().Get(i).Path()), seen)
	}
	in.Files = append(in.Files, protoutil.ProtoFromFileDescriptor(f))
}
