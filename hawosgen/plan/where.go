package plan

import (
	"github.com/hawos/hawos/hawosgen/model"
	"github.com/hawos/hawos/hawosgen/schema"
)

// Where returns the file of the given path among all that are made of a schema
// and its model. A scaffold is found by the path that it was first written to.
func Where(path string, s *schema.Schema, p *model.Project) (File, bool) {
	files := append(Generated(p), Official(s)...)
	for _, a := range p.Apps {
		files = append(files, App(a)...)
		for _, h := range a.Handlers {
			files = append(files, Handler(h))
		}
	}
	files = append(files, NewProject(&model.NewProject{})...)
	for _, f := range files {
		if f.Path == path {
			return f, true
		}
	}
	return File{}, false
}
