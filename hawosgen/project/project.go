// Package project knows what makes a folder a hawos project: hawos.yaml, the
// folders that it names, and the secrets that config/ holds. Start from Load.
package project

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
)

// File is the name of the file in a project's root folder that describes it.
const File = "hawos.yaml"

// LockFile is the name of the file that holds what protocol IDs mean.
const LockFile = "hawos.lock"

// Project is a project's hawos.yaml.
type Project struct {
	// Dir is the project's root folder, absolute.
	Dir string `yaml:"-"`
	// Module is the Go import path of the root folder. It is the module path of
	// go.mod where that lies in the root folder too.
	Module string `yaml:"module"`
	// Protos are the folders, relative to Dir, that imports of .proto files
	// start from. Default: protos.
	Protos []string `yaml:"protos"`
	// Out is the folder, relative to Dir, that belongs to hawosgen. Default: gen.
	Out string `yaml:"out"`
	// Imports are folders and Go modules with .proto files of others. Default:
	// none.
	Imports []Import `yaml:"imports"`
	// Outputs are files that the project's own templates print. Default: none.
	Outputs []Output `yaml:"outputs"`
	// Up says what hawosgen up starts.
	Up Up `yaml:"up"`
	// Lint and Breaking switch rules of hawosgen lint and hawosgen breaking off.
	Lint     Checks `yaml:"lint"`
	Breaking Checks `yaml:"breaking"`
}

// Checks are the settings of a check of the schema.
type Checks struct {
	// Off are the names of rules that are not applied. Default: none.
	Off []string `yaml:"off"`
}

// Up is what hawosgen up starts.
type Up struct {
	// Scale is how many instances of a service to start, by appName. Default: 1.
	Scale map[string]int `yaml:"scale"`
}

// ErrNone is returned where no folder upwards holds a hawos.yaml.
var ErrNone = errors.New("no hawos.yaml here or in a folder above: change into a project, or begin one with hawosgen new project NAME")

// Find returns the folder of the hawos.yaml in dir or the nearest folder above.
func Find(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, File)); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", ErrNone
		}
		dir = parent
	}
}

// Load returns the project that dir belongs to. An unknown key or a bad value
// is an error that names the line.
func Load(dir string) (*Project, error) {
	root, err := Find(dir)
	if err != nil {
		return nil, err
	}
	text, err := os.ReadFile(filepath.Join(root, File))
	if err != nil {
		return nil, err
	}
	p := &Project{Protos: []string{"protos"}, Out: "gen"}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(p); err != nil && !errors.Is(err, io.EOF) {
		return nil, yamlError(err)
	}
	p.Dir = root
	return p, errors.Join(p.check(), p.checkGoMod())
}

// checkGoMod compares the module with a go.mod in the same folder.
func (p *Project) checkGoMod() error {
	text, err := os.ReadFile(p.Path("go.mod"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	if path := modfile.ModulePath(text); path != "" && p.Module != "" && path != p.Module {
		return fmt.Errorf("%s: module: %q is not that of go.mod here: write module: %s", File, p.Module, path)
	}
	return nil
}

var unknownKey = regexp.MustCompile(`^line (\d+): field (\S+) not found in type`)

// yamlError returns an error of the YAML decoder in the user's terms, a line for
// each fault.
func yamlError(err error) error {
	var faults *yaml.TypeError
	if !errors.As(err, &faults) {
		return fmt.Errorf("%s: %w", File, err)
	}
	var errs []error
	for _, text := range faults.Errors {
		if m := unknownKey.FindStringSubmatch(text); m != nil {
			errs = append(errs, fmt.Errorf("%s:%s: unknown key %q", File, m[1], m[2]))
			continue
		}
		line, text, _ := strings.Cut(strings.TrimPrefix(text, "line "), ": ")
		errs = append(errs, fmt.Errorf("%s:%s: %s", File, line, text))
	}
	return errors.Join(errs...)
}

// check returns all that is wrong with the values.
func (p *Project) check() error {
	var errs []error
	fault := func(format string, args ...any) {
		errs = append(errs, fmt.Errorf(File+": "+format, args...))
	}
	if err := module.CheckImportPath(p.Module); err != nil {
		fault("module: must be the Go import path of this folder, such as example.com/demo: %w", err)
	}
	if len(p.Protos) == 0 {
		fault("protos: name at least one folder")
	}
	for _, dir := range p.Protos {
		if !filepath.IsLocal(dir) {
			fault("protos: %q must be a folder below this one", dir)
		}
	}
	if !filepath.IsLocal(p.Out) || path.Clean(p.Out) == "." {
		fault("out: %q must be a folder below this one", p.Out)
	} else if err := module.CheckImportPath(p.Package()); err != nil && p.Module != "" {
		fault("out: %w", err)
	}
	for i, in := range p.Imports {
		if text := in.check(i); text != "" {
			fault("%s", text)
		}
	}
	for i, o := range p.Outputs {
		for _, text := range o.check(i) {
			fault("%s", text)
		}
	}
	for _, app := range slices.Sorted(maps.Keys(p.Up.Scale)) {
		if n := p.Up.Scale[app]; n < 0 {
			fault("up.scale.%s: %d is no number of instances", app, n)
		}
	}
	return errors.Join(errs...)
}

// Package returns the Go import path of the folder given by elements below Out.
func (p *Project) Package(elem ...string) string {
	return path.Join(append([]string{p.Module, filepath.ToSlash(p.Out)}, elem...)...)
}

// Path returns the absolute path of a file given by slash-separated elements
// relative to Dir.
func (p *Project) Path(elem ...string) string {
	return filepath.Join(p.Dir, filepath.FromSlash(path.Join(elem...)))
}

// Services returns the names of the folders in cmd/ that hold a main.go: the
// programs that the project consists of, sorted.
func (p *Project) Services() ([]string, error) {
	entries, err := os.ReadDir(p.Path("cmd"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	var names []string
	for _, e := range entries {
		if _, err := os.Stat(p.Path("cmd", e.Name(), "main.go")); err == nil && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, e.Name())
		}
	}
	return names, nil
}
