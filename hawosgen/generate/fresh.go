package generate

import (
	"errors"
	"path"
	"strings"

	"github.com/hawos/hawos/hawosgen/eject"
	"github.com/hawos/hawos/hawosgen/memo"
	"github.com/hawos/hawos/hawosgen/output"
	"github.com/hawos/hawos/hawosgen/project"
)

// IsFresh reports whether nothing that Run reads or writes has changed since a
// run that had nothing to write and nothing to tell.
func IsFresh(p *project.Project) bool {
	stamp, err := stampOf(p)
	return err == nil && !output.Interrupted(p.Dir) && output.IsFresh(p.Dir, stamp)
}

// Remember lets later runs pass over what this one has made, and IsFresh be true,
// if the run had nothing to tell. It comes after Changes.Write.
func (r *Result) Remember(p *project.Project) error {
	if err := errors.Join(r.memo.Save(), r.compiled.Save()); err != nil {
		return err
	}
	if len(r.Warnings) > 0 || len(r.Notes) > 0 {
		return nil
	}
	now, err := stampOf(p)
	if err != nil {
		return err
	}
	return r.Changes.Remember(r.before, now)
}

func stampOf(p *project.Project) (output.Stamp, error) {
	tool, err := memo.Tool()
	if err != nil {
		return nil, err
	}
	paths := append([]string{project.File, project.LockFile, p.Out, path.Join(p.Out, output.ManifestFile), eject.Dir, "cmd", "config", "internal"}, p.Protos...)
	for _, o := range p.Outputs {
		paths = append(paths, o.Template)
	}
	for _, in := range p.Imports {
		dir, err := p.ImportDir(in)
		if err != nil {
			continue // Run says so
		}
		if paths = append(paths, p.GoMod()); !strings.Contains(dir, "@v") { // the module cache does not change
			paths = append(paths, dir)
		}
	}
	if len(p.Outputs) > 0 { // they lie anywhere
		paths = append(paths, output.Listed(p.Dir, p.Out)...)
	}
	return output.TakeStamp(p.Dir, tool, paths...)
}
