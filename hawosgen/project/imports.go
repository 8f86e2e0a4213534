package project

import (
	"errors"
	"fmt"
	"go/build"
	"io/fs"
	"os"
	"path/filepath"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// Import is a folder of .proto files that are imported and belong to others: no
// code is generated for them. Either Folder or Module is given.
type Import struct {
	// Folder is a folder, absolute or relative to Dir: third_party, ../chat/protos.
	Folder string `yaml:"folder"`
	// Module is a Go module that go.mod requires and that ships .proto files.
	Module string `yaml:"module"`
	// Path is the folder in the module that imports start from. Default: its root.
	Path string `yaml:"path"`
	// Go is the Go import path below which the code of files without a go_package
	// is: example.com/chat/gen. Default: such files cannot be used.
	Go string `yaml:"go"`
}

// Name returns what messages call the import.
func (i Import) Name() string {
	if i.Module != "" {
		return filepath.ToSlash(filepath.Join(i.Module, i.Path))
	}
	return i.Folder
}

// check returns what is wrong with the i-th import; empty for nothing.
func (i Import) check(n int) string {
	switch {
	case (i.Folder == "") == (i.Module == ""):
		return fmt.Sprintf("imports[%d]: give either folder: or module:", n)
	case i.Folder != "" && i.Path != "":
		return fmt.Sprintf("imports[%d].path: belongs to module:; write the whole path as folder:", n)
	case i.Path != "" && !filepath.IsLocal(filepath.FromSlash(i.Path)):
		return fmt.Sprintf("imports[%d].path: %q must be a folder in the module", n, i.Path)
	case i.Go != "" && module.CheckImportPath(i.Go) != nil:
		return fmt.Sprintf("imports[%d].go: %q is no Go import path", n, i.Go)
	}
	return ""
}

// ImportDir returns the folder of an import, absolute. It looks a module up as the
// go command does, by go.mod, its replace lines and the module cache, but fetches
// nothing.
func (p *Project) ImportDir(i Import) (string, error) {
	dir := filepath.FromSlash(i.Folder)
	if i.Module != "" {
		root, err := p.moduleDir(i.Module)
		if err != nil {
			return "", fmt.Errorf("%s: imports: %w", File, err)
		}
		dir = filepath.Join(root, filepath.FromSlash(i.Path))
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(p.Dir, dir)
	}
	if info, err := os.Stat(dir); err != nil || !info.IsDir() {
		return "", fmt.Errorf("%s: imports: %q: there is no folder %s", File, i.Name(), dir)
	}
	return dir, nil
}

// GoMod returns the path of the go.mod that the project belongs to; empty where
// there is none.
func (p *Project) GoMod() string {
	for dir := p.Dir; ; dir = filepath.Dir(dir) {
		name := filepath.Join(dir, "go.mod")
		if _, err := os.Stat(name); err == nil {
			return name
		}
		if dir == filepath.Dir(dir) {
			return ""
		}
	}
}

// moduleDir returns the folder that holds the module.
func (p *Project) moduleDir(path string) (string, error) {
	name := p.GoMod()
	if name == "" {
		return "", fmt.Errorf("module %s: the project has no go.mod: run go mod init", path)
	}
	text, err := os.ReadFile(name)
	if err != nil {
		return "", err
	}
	mod, err := modfile.Parse(name, text, nil)
	if err != nil {
		return "", err
	}
	version := ""
	for _, r := range mod.Require {
		if r.Mod.Path == path {
			version = r.Mod.Version
		}
	}
	if version == "" {
		return "", fmt.Errorf("module %s: go.mod does not require it: run go get %s@latest", path, path)
	}
	at := module.Version{Path: path, Version: version}
	for _, r := range mod.Replace {
		if r.Old.Path != path || r.Old.Version != "" && r.Old.Version != version {
			continue
		}
		if at = r.New; at.Version == "" {
			if filepath.IsAbs(at.Path) {
				return at.Path, nil
			}
			return filepath.Join(filepath.Dir(name), at.Path), nil
		}
	}
	return cached(at)
}

// cached returns the folder of a module in the module cache.
func cached(m module.Version) (string, error) {
	path, err := module.EscapePath(m.Path)
	if err != nil {
		return "", err
	}
	version, err := module.EscapeVersion(m.Version)
	if err != nil {
		return "", err
	}
	root := os.Getenv("GOMODCACHE")
	if root == "" {
		gopath := filepath.SplitList(build.Default.GOPATH)
		if len(gopath) == 0 {
			return "", errors.New("neither GOMODCACHE nor GOPATH is set")
		}
		root = filepath.Join(gopath[0], "pkg", "mod")
	}
	dir := filepath.Join(root, filepath.FromSlash(path)+"@"+version)
	if _, err := os.Stat(dir); errors.Is(err, fs.ErrNotExist) {
		return "", fmt.Errorf("module %s@%s is not in the module cache %s: run go mod download %s", m.Path, m.Version, root, m.Path)
	}
	return dir, nil
}
