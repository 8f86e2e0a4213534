// Package generate runs the stages one after another: schema, model, plan,
// render, splice, and output's comparison with the disk. It prints nothing and,
// until its Result is written, changes nothing. Start from Run.
package generate

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/hawos/hawos/hawosgen/memo"
	"github.com/hawos/hawos/hawosgen/model"
	"github.com/hawos/hawos/hawosgen/output"
	"github.com/hawos/hawos/hawosgen/plan"
	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/hawosgen/render"
	"github.com/hawos/hawos/hawosgen/schema"
	"github.com/hawos/hawos/hawosgen/schema/lock"
	"github.com/hawos/hawos/hawosgen/splice"
)

// Options change what Run does. The zero value is the default.
type Options struct {
	// Accept are protocol IDs that may mean something else than before.
	Accept []uint32
	// Example is the appName of a service whose handler is written with the
	// example of hawosgen new service; empty for none.
	Example string
	// Progress is told of steps that take long; may be nil.
	Progress func(string)
}

// Result is what a run found. Nothing is written yet: Changes.Write does.
type Result struct {
	Schema   *schema.Schema
	Model    *model.Project
	Changes  *output.Changes
	Lock     lock.Lock     // what the IDs mean from now on
	IDs      []lock.Change // what became of protocol IDs
	Warnings schema.Faults // worth a look; they stop nothing
	Notes    []splice.Note // what is left to the user

	memo     *memo.Memo
	compiled *memo.Folder
	before   output.Stamp // of what the run reads, before it did
}

// Run generates the project's code in memory. What is wrong with the protos or
// the lock is an error of type schema.Faults. A run that was cut off is brought
// to its end first.
func Run(ctx context.Context, p *project.Project, o Options) (*Result, error) {
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	if err := output.Recover(p.Dir); err != nil {
		return nil, err
	}
	g := &run{project: p, options: o}
	if err := g.templates(); err != nil {
		return nil, err
	}
	if err := g.remember(); err != nil {
		return nil, err
	}
	if err := g.read(ctx); err != nil {
		return nil, err
	}
	var official, own []output.File
	group, gctx := errgroup.WithContext(ctx)
	group.Go(func() (err error) { official, err = g.official(gctx); return err })
	group.Go(func() (err error) { own, err = g.templated(); return err })
	if err := group.Wait(); err != nil {
		return nil, err
	}
	files := append(official, own...)
	files = append(files, output.File{Path: project.LockFile, Rule: output.Kept, Text: g.result.Lock.Format()})
	if err := checkTwice(files); err != nil {
		return nil, err
	}
	var err error
	g.result.Changes, err = output.Compare(p.Dir, p.Out, files)
	return &g.result, err
}

// Read compiles the project's schema and models it, for those who only look.
func Read(ctx context.Context, p *project.Project) (*schema.Schema, *model.Project, error) {
	if err := output.Recover(p.Dir); err != nil {
		return nil, nil, err
	}
	g := &run{project: p}
	if err := g.read(ctx); err != nil {
		return nil, nil, err
	}
	return g.result.Schema, g.result.Model, nil
}

// run is one run.
type run struct {
	project *project.Project
	options Options
	render  *render.Renderer
	tool    []byte // what tells this hawosgen from others
	result  Result
}

// Config returns which files the project's schema is made of. An import that
// cannot be found is an error.
func Config(p *project.Project) (schema.Config, error) {
	c := schema.Config{Dir: p.Dir, Roots: p.Protos, Module: p.Module, Out: p.Out}
	var errs []error
	for _, in := range p.Imports {
		dir, err := p.ImportDir(in)
		errs = append(errs, err)
		c.Imports = append(c.Imports, schema.Import{Name: in.Name(), Dir: dir, Go: in.Go})
	}
	return c, errors.Join(errs...)
}

// read compiles the schema and holds it against the lock.
func (g *run) read(ctx context.Context) error {
	text, err := os.ReadFile(g.project.Path(project.LockFile))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	old, faults := lock.Parse(text)
	if len(faults) > 0 {
		return faults
	}
	config, err := Config(g.project)
	if err != nil {
		return err
	}
	config.Locked, config.Compiled = old.IDs(), g.result.compiled
	s, faults := schema.Compile(ctx, config)
	if len(faults) > 0 {
		return faults
	}
	if faults := model.Check(s); len(faults) > 0 {
		return faults
	}
	next, changes, faults := lock.Compare(old, s, g.options.Accept)
	if len(faults) > 0 {
		return faults
	}
	g.result.Schema, g.result.Warnings = s, s.Warnings
	g.result.Lock, g.result.IDs = next, changes
	g.result.Model = model.Build(s, g.project.Module, g.project.Out)
	return nil
}

// templated prints all that templates make, and completes the user's handlers.
func (g *run) templated() ([]output.File, error) {
	own, err := g.own()
	if err != nil {
		return nil, err
	}
	extra, err := g.extra()
	if err != nil {
		return nil, err
	}
	handlers, err := g.handlers()
	return slices.Concat(own, extra, handlers), err
}

// own prints the owned files that templates make, and the scaffolds of apps.
func (g *run) own() ([]output.File, error) {
	files := plan.Generated(g.result.Model)
	for _, a := range g.result.Model.Apps {
		files = append(files, plan.App(a)...)
	}
	return g.print(files)
}

// print prints the files, several at once; scaffolds only where they are not
// there.
func (g *run) print(files []plan.File) ([]output.File, error) {
	files = slices.DeleteFunc(files, func(f plan.File) bool { return f.Kind == plan.Scaffold && g.exists(f.Path) })
	out, errs := make([]output.File, len(files)), make([]error, len(files))
	var group errgroup.Group
	group.SetLimit(runtime.GOMAXPROCS(0))
	for i, f := range files {
		group.Go(func() error {
			out[i] = output.File{Path: f.Path, Rule: output.Owned}
			if f.Kind == plan.Scaffold {
				out[i].Rule = output.Once
			}
			out[i].Text, errs[i] = g.printed(f)
			return nil
		})
	}
	_ = group.Wait() // all errors are told, not the first alone
	return out, errors.Join(errs...)
}

func (g *run) exists(path string) bool {
	_, err := os.Lstat(g.project.Path(path))
	return err == nil
}

func (g *run) note(place, format string, args ...any) {
	g.result.Notes = append(g.result.Notes, note(place, format, args...))
}

func note(place, format string, args ...any) splice.Note {
	return splice.Note{Place: place, Text: fmt.Sprintf(format, args...)}
}
