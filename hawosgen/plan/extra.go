package plan

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"text/template"

	"github.com/hawos/hawos/hawosgen/model"
	"github.com/hawos/hawos/hawosgen/project"
)

// Extra returns the files of an output of hawos.yaml. Their templates are the
// project's: Template is a path in it.
func Extra(o project.Output, p *model.Project) ([]File, error) {
	to, err := template.New("to").Option("missingkey=error").Parse(o.To)
	if err != nil {
		return nil, fmt.Errorf("%s: outputs: to: %w", project.File, err)
	}
	var files []File
	for _, data := range each(o.Each, p) {
		var name strings.Builder
		if err := to.Execute(&name, data); err != nil {
			return nil, fmt.Errorf("%s: outputs: to: %w", project.File, err)
		}
		f := File{Path: path.Clean(name.String()), Template: o.Template, Data: data}
		if !filepath.IsLocal(filepath.FromSlash(f.Path)) {
			return nil, fmt.Errorf("%s: outputs: %q must be a path below this folder", project.File, f.Path)
		}
		files = append(files, f)
	}
	return files, nil
}

// each returns what an output's template is printed for.
func each(what string, p *model.Project) []any {
	var out []any
	switch what {
	case project.EachService:
		for _, s := range p.ServiceOutputs() {
			out = append(out, s)
		}
	case project.EachPackage:
		for _, k := range p.PackageOutputs() {
			out = append(out, k)
		}
	default:
		out = append(out, p)
	}
	return out
}
