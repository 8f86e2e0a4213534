package dev_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hawos/hawos/hawosgen/dev"
	"github.com/hawos/hawos/hawosgen/dev/supervise"
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
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"await":       await,
			"settled":     settled,
			"shows":       shows,
			"remember":    remember,
			"restarted":   restarted,
			"undisturbed": undisturbed,
		},
		Setup: func(env *testscript.Env) error {
			env.Setenv("GOCACHE", strings.TrimSpace(string(cache)))
			env.Setenv("HOME", env.WorkDir)
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

// await waits until a program is in a phase: await chat-1 ready.
func await(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: await PROGRAM PHASE")
	}
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	end := time.After(30 * time.Second)
	for {
		state, err := supervise.In(ts.Getenv("WORK") + "/demo").State()
		ts.Check(err)
		if status, ok := state.Find(args[0]); ok && string(status.Phase) == args[1] {
			return
		}
		select {
		case <-tick.C:
		case <-end:
			ts.Fatalf("%s is not %s after 30 s: %+v", args[0], args[1], state)
		}
	}
}

// settled waits until no hawosgen starts or stops anything.
func settled(ts *testscript.TestScript, neg bool, args []string) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for range 1000 {
		if lock, err := supervise.In(ts.Getenv("WORK") + "/demo").Lock(supervise.VerbLock); err == nil {
			ts.Check(lock.Unlock())
			return
		}
		<-tick.C
	}
	ts.Fatalf("a hawosgen is still at it after 20 s")
}
