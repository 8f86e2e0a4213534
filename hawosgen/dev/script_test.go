package dev_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hawos/hawos/hawosgen/dev"
)

// TestScripts runs the verbs as a user does, in a copy of testdata/project with a port of its own.
func TestScripts(t *testing.T) {
	cache, err := exec.Command("go", "env", "GOCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 filepath.Join("testdata", "script"),
		RequireExplicitExec: true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("GOCACHE", strings.TrimSpace(string(cache)))
			env.Setenv("HOME", env.WorkDir)
			env.Setenv("GORACE", "atexit_sleep_ms=0")
			env.Setenv("PORT", fmt.Sprint(freePort(t)))
			root := filepath.Join(env.WorkDir, "demo")
			env.Cd = root
			env.Defer(func() {
				if _, err := dev.Down(context.Background(), root, quiet{}); err != nil {
					t.Error(err)
				}
			})
			if err := os.CopyFS(root, os.DirFS(filepath.Join("testdata", "project"))); err != nil {
				return err
			}
			return os.WriteFile(filepath.Join(root, "config", "frontend.yaml"), []byte("ws:\n  port: "+env.Getenv("PORT")+"\n"), 0o644)
		},
	})
}
