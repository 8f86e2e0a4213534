package dev_test

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hawos/hawos/hawosgen/cli"
	"github.com/hawos/hawos/hawosgen/dev"
	"github.com/hawos/hawos/hawosgen/dev/supervise"
	"github.com/hawos/hawos/hawosgen/project"
)

// The test's own binary plays hawosgen: in the scripts under that name, for the tests in Go as their supervisor.
func TestMain(m *testing.M) {
	if len(os.Args) == 3 && os.Args[1] == "supervise" {
		superviseHere(supervise.Dir(os.Args[2]))
		return
	}
	os.Setenv("GORACE", "atexit_sleep_ms=0") // else each process of a race build ends a second late
	testscript.Main(m, map[string]func(){"hawosgen": func() {
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		status := cli.Main(ctx, os.Args[1:], os.Stdout, os.Stderr)
		stop()
		os.Exit(status)
	}})
}

func superviseHere(dir supervise.Dir) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := supervise.Run(ctx, dir, slog.Default()); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// demo is a copy of testdata/project to run.
type demo struct {
	t   *testing.T
	dir string
	ws  int // the port in its settings
}

func newDemo(t *testing.T) *demo {
	d := &demo{t: t, dir: t.TempDir(), ws: freePort(t)}
	if err := os.CopyFS(d.dir, os.DirFS(filepath.Join("testdata", "project"))); err != nil {
		t.Fatal(err)
	}
	d.write("config/frontend.yaml", fmt.Sprintf("ws:\n  port: %d\n", d.ws))
	t.Cleanup(func() {
		if _, err := dev.Down(context.Background(), d.dir, quiet{}); err != nil {
			t.Error(err)
		}
	})
	return d
}

func (d *demo) write(name, text string) {
	d.t.Helper()
	if err := os.WriteFile(filepath.Join(d.dir, name), []byte(text), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

func (d *demo) up(o dev.UpOptions) (dev.UpResult, error) {
	d.t.Helper()
	p, err := project.Load(d.dir)
	if err != nil {
		d.t.Fatal(err)
	}
	o.Supervise = []string{os.Args[0], "supervise", string(supervise.In(d.dir))}
	return dev.Up(d.t.Context(), p, o, quiet{})
}

func (d *demo) mustUp(o dev.UpOptions) dev.UpResult {
	d.t.Helper()
	result, err := d.up(o)
	if err != nil {
		d.t.Fatal(err)
	}
	return result
}

// healthy returns the names of the healthy instances.
func (d *demo) healthy() string {
	d.t.Helper()
	all, _, err := dev.Status(d.t.Context(), d.dir)
	if err != nil {
		d.t.Fatal(err)
	}
	var names []string
	for _, h := range all {
		if h.Fault == "" {
			names = append(names, h.Program.Name)
		}
	}
	return strings.Join(names, " ")
}

func (d *demo) eventually(what string, ok func() bool) {
	d.t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	end := time.After(15 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			d.t.Fatalf("waited 15 s in vain: %s", what)
		}
	}
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port
}

// quiet takes the steps without a word.
type quiet struct{}

func (quiet) Do(_ string, step func() (string, error)) error {
	_, err := step()
	return err
}

func (quiet) Note(string) {}
