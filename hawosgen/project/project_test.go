package project_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hawos/hawos/hawosgen/project"
)

func put(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func TestProjectIsFoundFromBelow(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "hawos.yaml"), "module: example.com/demo\nup:\n  scale: {chat: 2}\n")
	put(t, filepath.Join(dir, "cmd", "chat", "main.go"), "package main\n")
	put(t, filepath.Join(dir, "cmd", "notes", "notes.txt"), "no program\n")
	p, err := project.Load(filepath.Join(dir, "cmd", "chat"))
	if err != nil {
		t.Fatal(err)
	}
	if p.Dir != dir || p.Out != "gen" || len(p.Protos) != 1 || p.Protos[0] != "protos" || p.Up.Scale["chat"] != 2 {
		t.Errorf("got %+v", p)
	}
	if got := p.Package("chat", "v1"); got != "example.com/demo/gen/chat/v1" {
		t.Errorf("package: got %s", got)
	}
	services, err := p.Services()
	if err != nil || len(services) != 1 || services[0] != "chat" {
		t.Errorf("services: got %v (%v), want chat", services, err)
	}
}

func TestFaultsNameLineAndKey(t *testing.T) {
	for text, want := range map[string]string{
		"module: a.b/c\nouts: gen\nprotoz: x\n": "hawos.yaml:2: unknown key \"outs\"\nhawos.yaml:3: unknown key \"protoz\"",
		"module: [1]\n":                         "hawos.yaml:1: cannot unmarshal",
		"module: a.b/c\nout: ../gen\n":          `hawos.yaml: out: "../gen" must be a folder below this one`,
		"module: a.b/c\nprotos: []\n":           "hawos.yaml: protos: name at least one folder",
		"":                                      "hawos.yaml: module: must be",
	} {
		dir := t.TempDir()
		put(t, filepath.Join(dir, "hawos.yaml"), text)
		if _, err := project.Load(dir); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: got %v, want %s", text, err, want)
		}
	}
	if _, err := project.Load(t.TempDir()); !errors.Is(err, project.ErrNone) {
		t.Errorf("no project: got %v, want ErrNone", err)
	}
}

// With another module the imports of the user's code would be rewritten to
// packages that are nowhere.
func TestModuleMustBeThatOfGoMod(t *testing.T) {
	dir := t.TempDir()
	put(t, filepath.Join(dir, "hawos.yaml"), "module: example.com/other\n")
	put(t, filepath.Join(dir, "go.mod"), "module example.com/demo\n\ngo 1.26\n")
	_, err := project.Load(dir)
	if want := `hawos.yaml: module: "example.com/other" is not that of go.mod here: write module: example.com/demo`; err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestSecretsAreMadeOnce(t *testing.T) {
	dir, other := t.TempDir(), t.TempDir()
	read := func(dir string) string {
		text, err := os.ReadFile(filepath.Join(dir, project.SecretsFile))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	for _, d := range []string{dir, other} {
		if created, err := project.EnsureSecrets(d); !created || err != nil {
			t.Fatalf("got %v, %v, want a new file", created, err)
		}
	}
	first := read(dir)
	if created, err := project.EnsureSecrets(dir); created || err != nil || read(dir) != first {
		t.Errorf("second call: got %v, %v, want the file as it is", created, err)
	}
	if first == read(other) {
		t.Error("two projects have the same secrets")
	}
	info, err := os.Stat(filepath.Join(dir, project.SecretsFile))
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("mode: got %v (%v), want 0600", info.Mode(), err)
	}
}
