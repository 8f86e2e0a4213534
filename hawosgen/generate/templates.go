package generate

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/hawos/hawos/hawosgen/eject"
	"github.com/hawos/hawos/hawosgen/output"
	"github.com/hawos/hawos/hawosgen/plan"
	"github.com/hawos/hawos/hawosgen/render"
	"github.com/hawos/hawos/templates"
)

// renderer returns what prints templates for the project in dir: its own, where
// it has ejected some, else hawosgen's.
func renderer(dir string) (*render.Renderer, []eject.Template, error) {
	r, err := render.New(templates.FS)
	if err != nil {
		return nil, nil, err
	}
	all, err := eject.Load(dir)
	if err != nil {
		return nil, nil, err
	}
	// By name, those of part come first: the others are parsed with them.
	for _, t := range all {
		if t.IsEjected() && t.BuiltIn != nil {
			if err := r.Override(t.Name, t.Path(), t.Own); err != nil {
				return nil, nil, err
			}
		}
	}
	return r, all, nil
}

// templates makes the renderer, and tells of ejected templates that hawosgen has
// changed since.
func (g *run) templates() error {
	r, all, err := renderer(g.project.Dir)
	if err != nil {
		return err
	}
	g.render = r
	for _, t := range all {
		switch {
		case !t.HasChanged():
		case t.BuiltIn == nil:
			g.note(t.Path(), "this hawosgen has no such template any more: nothing reads it, delete it and %s/.original/%s", eject.Dir, t.Name)
		default:
			g.note(t.Path(), "hawosgen's own has changed since it was ejected: see hawosgen templates diff %s, take over what you want, then say so by hawosgen templates merged %s", t.Name, t.Name)
		}
	}
	return nil
}

// extra prints the outputs of hawos.yaml.
func (g *run) extra() ([]output.File, error) {
	var plans []plan.File
	var errs []error
	for _, o := range g.project.Outputs {
		text, err := os.ReadFile(g.project.Path(o.Template))
		if err == nil {
			err = g.render.Add(o.Template, o.Template, bytes.TrimPrefix(text, []byte("\ufeff")))
		}
		errs = append(errs, err)
		files, err := plan.Extra(o, g.result.Model)
		errs = append(errs, err)
		plans = append(plans, files...)
	}
	if err := errors.Join(errs...); err != nil {
		return nil, err
	}
	return g.print(plans)
}

// checkTwice refuses two files of one path, which only outputs of hawos.yaml can
// make.
func checkTwice(files []output.File) error {
	seen := map[string]bool{}
	var twice []string
	for _, f := range files {
		if seen[f.Path] && f.Rule != output.Kept {
			twice = append(twice, f.Path)
		}
		seen[f.Path] = true
	}
	if len(twice) == 0 {
		return nil
	}
	return fmt.Errorf("two outputs have the same path: %s: give each its own by to: in outputs of hawos.yaml", strings.Join(twice, ", "))
}
