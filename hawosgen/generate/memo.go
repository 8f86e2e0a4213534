package generate

import (
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/hawosgen/memo"
	"github.com/hawos/hawos/hawosgen/plan"
	"github.com/hawos/hawos/hawosgen/render"
	"github.com/hawos/hawos/hawosgen/schema"
)

// remember opens what earlier runs have left for this one.
func (g *run) remember() error {
	tool, err := memo.Tool()
	if err != nil {
		return err
	}
	g.tool = []byte(tool)
	g.result.memo = memo.Open(g.project.Dir)
	g.result.compiled = memo.OpenFolder(g.project.Path(memo.CompiledDir), g.tool)
	g.result.before, err = stampOf(g.project)
	return err
}

// printed returns what a template prints, formatted only where it is not what it
// was the last time.
func (g *run) printed(f plan.File) ([]byte, error) {
	text, err := g.render.Print(f.Template, f.Data)
	if err != nil {
		return nil, fmt.Errorf("print %s: %w", f.Path, err)
	}
	if f.Kind == plan.Scaffold {
		return render.Format(f.Template, text)
	}
	key := memo.Key(g.tool, []byte(f.Template), text)
	return g.result.memo.Do(f.Path, key, func() ([]byte, error) { return render.Format(f.Template, text) })
}

// keys hold for each of the schema's files what the official generators' output
// for it depends on.
type keys struct {
	run    *run
	byPath map[string]string
}

// of returns the key of f: its text, its Go package, and the keys of what it
// imports.
func (k *keys) of(f *schema.File) string {
	if key, ok := k.byPath[f.Path]; ok {
		return key
	}
	s := k.run.result.Schema
	text := s.Text(f.Path)
	if text == nil { // not the project's: few, and unlike texts always at hand
		text, _ = proto.MarshalOptions{Deterministic: true}.Marshal(f.Proto)
	}
	parts := [][]byte{k.run.tool, []byte(f.Path), []byte(f.Go.ImportPath), []byte(f.Go.Name), text}
	for _, name := range f.Proto.GetDependency() {
		if to := s.File(name); to != nil {
			parts = append(parts, []byte(k.of(to)))
		}
	}
	k.byPath[f.Path] = memo.Key(parts...)
	return k.byPath[f.Path]
}

// closure returns the files of the given paths and all that they import, in the
// schema's order.
func closure(s *schema.Schema, paths []string) []*schema.File {
	in := map[string]bool{}
	var add func(name string)
	add = func(name string) {
		f := s.File(name)
		if f == nil || in[name] {
			return
		}
		in[name] = true
		for _, to := range f.Proto.GetDependency() {
			add(to)
		}
	}
	for _, p := range paths {
		add(p)
	}
	return slices.DeleteFunc(slices.Clone(s.Files), func(f *schema.File) bool { return !in[f.Path] })
}
