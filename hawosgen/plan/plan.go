// Package plan says which files a model becomes: their paths, the templates and
// data that they are printed from, and whose they are. It looks at no disk.
package plan

import (
	"path"

	"github.com/hawos/hawos/hawosgen/model"
	"github.com/hawos/hawos/hawosgen/schema"
)

// Kind says whose a file is.
type Kind uint8

// The kinds of files.
const (
	Owned    Kind = iota // hawosgen's: written anew at each run
	Scaffold             // written once where it is missing, then the user's
)

// String returns the kind as hawosgen where prints it.
func (k Kind) String() string {
	if k == Scaffold {
		return "scaffold: written once, then yours"
	}
	return "owned: written anew by each hawosgen proto"
}

// File is one file to write.
type File struct {
	Path     string // slash-separated, relative to the project's folder
	Kind     Kind
	Template string // path in package templates; empty for what a plugin prints
	Plugin   string // the official generator that prints it; empty with a template
	Source   string // the proto file, for a plugin's
	Data     any    // what the template prints
}

const tree = "tree/"

// Generated returns the owned files of a project, but those of the official
// generators, which Official returns.
func Generated(p *model.Project) []File {
	files := []File{{Path: p.Routes.Path(), Template: tree + "gen/routes/routes.hawos.go.tmpl", Data: p.Routes}}
	for _, f := range p.Files {
		files = append(files, File{Path: f.Path(), Template: tree + "gen/_package_/_file_.hawos.go.tmpl", Source: f.Source, Data: f})
	}
	return files
}

// Official returns the files that protoc-gen-go and protoc-gen-go-grpc print.
func Official(s *schema.Schema) []File {
	var files []File
	for _, f := range s.Owned() {
		files = append(files, File{Path: GoPath(f, ".pb.go"), Plugin: "protoc-gen-go", Source: f.Path})
		if f.Desc.Services().Len() > 0 {
			files = append(files, File{Path: GoPath(f, "_grpc.pb.go"), Plugin: "protoc-gen-go-grpc", Source: f.Path})
		}
	}
	return files
}

// GoPath returns where code of a proto file with the given suffix is written.
func GoPath(f *schema.File, suffix string) string {
	base := path.Base(f.Path)
	return path.Join(f.Go.Dir, base[:len(base)-len(path.Ext(base))]+suffix)
}

// App returns the scaffolds of one logic service but its handlers: its main and
// its settings.
func App(a *model.App) []File {
	return []File{
		scaffold(path.Join("cmd", a.Name, "main.go"), "cmd/_app_/main.go.tmpl", model.NewMain(a)),
		scaffold(path.Join("config", a.Name+".yaml"), "config/_app_.yaml.tmpl", a),
	}
}

// Handler returns the scaffold of the type that implements one proto service.
func Handler(h *model.Handler) File {
	return scaffold(path.Join(h.App.Dir, h.File), "internal/_app_/_handler_.go.tmpl", model.NewHandlerFile(h))
}

func scaffold(path, template string, data any) File {
	return File{Path: path, Kind: Scaffold, Template: tree + template, Data: data}
}
