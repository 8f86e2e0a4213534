package plan

import (
	"path"

	"github.com/hawos/hawos/hawosgen/model"
)

// NewProject returns the files that a project begins with.
func NewProject(p *model.NewProject) []File {
	var files []File
	for _, name := range []string{
		"go.mod", "hawos.yaml", ".gitignore", ".gitattributes", "Makefile", "README.md",
		"cmd/frontend/main.go", "cmd/config/main.go",
		"internal/config/service.go", "internal/config/info.go", "internal/config/login.go", "internal/config/operator.go",
		"protos/.gitkeep", "config/common.yaml", "config/frontend.yaml", "config/config.yaml",
	} {
		files = append(files, scaffold(name, name+".tmpl", p))
	}
	return files
}

// NewService returns the files that a service begins with, but those that every
// service has by App.
func NewService(s *model.NewService) []File {
	return []File{scaffold(s.ProtoPath(), "protos/_app_/v1/_app_.proto.tmpl", s)}
}

// Example returns the handler of the rpc that a new service begins with.
func Example(h *model.Handler) File {
	return scaffold(path.Join(h.App.Dir, h.File), "internal/_app_/service.go.tmpl", model.NewExampleFile(h))
}
