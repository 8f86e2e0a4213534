package generate

import (
	"github.com/hawos/hawos/hawosgen/output"
	"github.com/hawos/hawos/hawosgen/project"
)

// IsFresh reports whether nothing that Run reads or writes has changed since a
// run that had nothing to write and nothing to tell.
func IsFresh(p *project.Project) bool {
	stamp, err := stampOf(p)
	return err == nil && output.IsFresh(p.Dir, stamp)
}

// Remember lets IsFresh be true, if the run had nothing to tell. It comes after
// Changes.Write.
func (r *Result) Remember(p *project.Project) error {
	if len(r.Warnings) > 0 || len(r.Notes) > 0 {
		return nil
	}
	stamp, err := stampOf(p)
	if err != nil {
		return err
	}
	return output.Remember(p.Dir, stamp)
}

func stampOf(p *project.Project) (string, error) {
	return output.Stamp(p.Dir, append([]string{project.File, project.LockFile, p.Out, "cmd", "config", "internal"}, p.Protos...)...)
}
