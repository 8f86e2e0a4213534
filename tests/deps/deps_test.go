// Package deps_test holds deps.yaml: who may import whom in this module.
package deps_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

const module = "github.com/hawos/hawos"

type rule struct {
	Of    []string `yaml:"of"`
	Not   []string `yaml:"not"`
	Never []string `yaml:"never"`
	But   []string `yaml:"but"`
	Deep  bool     `yaml:"deep"`
	Why   string   `yaml:"why"`
}

type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
}

func TestImportsFollowDepsYAML(t *testing.T) {
	rules := load(t)
	pkgs := list(t)
	for _, r := range rules {
		if !slices.ContainsFunc(pkgs, func(p pkg) bool { return r.applies(below(p.ImportPath)) }) {
			t.Errorf("deps.yaml: rule of %v applies to no package", r.Of)
		}
		for _, p := range pkgs {
			for _, fault := range r.check(p) {
				t.Error(fault)
			}
		}
	}
}

func TestRuleFindsForbiddenImport(t *testing.T) {
	r := rule{Of: []string{"a/..."}, Not: []string{"a/x"}, Never: []string{"b/*"}, But: []string{"b/ok"}}
	for _, c := range []struct {
		of, imported string
		want         int
	}{
		{"a", "b/c", 1},
		{"a/d", "b/c", 1},
		{"a/x", "b/c", 0},
		{"ab", "b/c", 0},
		{"a", "b", 0},
		{"a", "b/c/d", 0},
		{"a", "b/ok", 0},
	} {
		got := len(r.check(pkg{ImportPath: module + "/" + c.of, Imports: []string{"fmt", module + "/" + c.imported}}))
		if got != c.want {
			t.Errorf("%s imports %s: got %d faults, want %d", c.of, c.imported, got, c.want)
		}
	}
}

func load(t *testing.T) []rule {
	t.Helper()
	text, err := os.ReadFile("../../deps.yaml")
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		Rules []rule `yaml:"rules"`
	}
	dec := yaml.NewDecoder(bytes.NewReader(text))
	dec.KnownFields(true)
	if err := dec.Decode(&file); err != nil {
		t.Fatalf("deps.yaml: %v", err)
	}
	for _, r := range file.Rules {
		if r.Why == "" || len(r.Of) == 0 || len(r.Never) == 0 {
			t.Errorf("deps.yaml: rule of %v needs of, never and why", r.Of)
		}
	}
	return file.Rules
}

func list(t *testing.T) []pkg {
	t.Helper()
	cmd := exec.Command("go", "list", "-json=ImportPath,Imports,Deps", "./...")
	cmd.Dir = "../.."
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var pkgs []pkg
	dec := json.NewDecoder(bytes.NewReader(out))
	for {
		var p pkg
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return pkgs
		} else if err != nil {
			t.Fatalf("go list: %v", err)
		}
		pkgs = append(pkgs, p)
	}
}

// below returns the path of a package of this module below the module, or ""
// for others.
func below(importPath string) string {
	path, ok := strings.CutPrefix(importPath, module+"/")
	if !ok {
		return ""
	}
	return path
}

func (r rule) applies(path string) bool {
	return path != "" && matches(r.Of, path) && !matches(r.Not, path)
}

func (r rule) check(p pkg) []string {
	path := below(p.ImportPath)
	if !r.applies(path) {
		return nil
	}
	imports := p.Imports
	if r.Deep {
		imports = p.Deps
	}
	var faults []string
	for _, i := range imports {
		if to := below(i); to != "" && to != path && matches(r.Never, to) && !matches(r.But, to) {
			faults = append(faults, fmt.Sprintf("%s must not import %s: %s", path, to, r.Why))
		}
	}
	return faults
}

func matches(patterns []string, path string) bool {
	return slices.ContainsFunc(patterns, func(p string) bool {
		if p == "..." {
			return true
		}
		if base, ok := strings.CutSuffix(p, "/..."); ok {
			return path == base || strings.HasPrefix(path, base+"/")
		}
		if base, ok := strings.CutSuffix(p, "/*"); ok {
			rest, ok := strings.CutPrefix(path, base+"/")
			return ok && !strings.Contains(rest, "/")
		}
		return p == path
	})
}
