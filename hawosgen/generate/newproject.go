package generate

import (
	"errors"

	"github.com/hawos/hawos/hawosgen/model"
	"github.com/hawos/hawos/hawosgen/output"
	"github.com/hawos/hawos/hawosgen/plan"
)

// NewProject writes the files that a project begins with into the folder dir.
// Files that exist stay.
func NewProject(dir string, data *model.NewProject) error {
	return write(dir, plan.NewProject(data))
}

// NewService writes the proto that a service begins with into the project in
// dir.
func NewService(dir string, data *model.NewService) error {
	return write(dir, plan.NewService(data))
}

// write prints scaffolds and writes them.
func write(dir string, files []plan.File) error {
	r, _, err := renderer(dir)
	if err != nil {
		return err
	}
	var out []output.File
	var errs []error
	for _, f := range files {
		text, err := r.Render(f.Template, f.Data)
		errs = append(errs, err)
		out = append(out, output.File{Path: f.Path, Rule: output.Once, Text: text})
	}
	if err := errors.Join(errs...); err != nil {
		return err
	}
	return output.Scaffolds(dir, out)
}
