// Package earlier finds a project's protos as they were: in another folder, or in
// a commit of its git repository, which it reads without touching the work tree.
// Start from Open.
package earlier

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/hawosgen/schema"
)

// Project are the protos of a project as they were.
type Project struct {
	Config schema.Config // to compile them
	prefix string        // what places begin with
	temp   string        // to be removed
}

// Open finds what against names, as seen from the folder dir: a folder, that of
// a project or one of protos, else a commit, branch or tag of the repository
// that the project p is in. It must be closed.
func Open(ctx context.Context, p *project.Project, dir, against string) (*Project, error) {
	name := against
	if !filepath.IsAbs(name) {
		name = filepath.Join(dir, name)
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return openFolder(name, against)
	}
	return openCommit(ctx, p, against)
}

// Close removes what Open has laid down.
func (p *Project) Close() error {
	if p.temp == "" {
		return nil
	}
	return os.RemoveAll(p.temp)
}

// Place returns a place in the protos as the user is shown it: with the folder or
// the commit in front.
func (p *Project) Place(pos schema.Pos) schema.Pos {
	if pos.File != "" {
		pos.Root = p.prefix + filepath.ToSlash(filepath.Clean(filepath.FromSlash(pos.Root)))
	}
	return pos
}

// openFolder finds the protos in a folder: a project's, where it has a
// hawos.yaml, else all in it.
func openFolder(name, shown string) (*Project, error) {
	_, err := os.Stat(filepath.Join(name, project.File))
	if errors.Is(err, fs.ErrNotExist) {
		return &Project{Config: config(name, &project.Project{Protos: []string{"."}, Module: "example.com/earlier", Out: "gen"}), prefix: filepath.ToSlash(shown) + "/"}, nil
	}
	if err != nil {
		return nil, err
	}
	p, err := project.Load(name)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shown, err)
	}
	return &Project{Config: config(name, p), prefix: filepath.ToSlash(shown) + "/"}, nil
}

func config(dir string, p *project.Project) schema.Config {
	return schema.Config{Dir: dir, Roots: p.Protos, Module: p.Module, Out: p.Out}
}
