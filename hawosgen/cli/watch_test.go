package cli_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hawos/hawos/hawosgen/cli"
)

// TestWatch saves a proto with a fault and without, and wants each told of.
func TestWatch(t *testing.T) {
	dir := t.TempDir()
	proto := filepath.Join(dir, "protos", "chat", "v1", "chat.proto")
	if err := os.MkdirAll(filepath.Dir(proto), 0o755); err != nil {
		t.Fatal(err)
	}
	save(t, filepath.Join(dir, "hawos.yaml"), "module: example.com/demo\n")
	save(t, proto, "syntax = \"proto3\";\npackage chat.v1;\n")

	ctx, cancel := context.WithCancel(t.Context())
	var out lines
	var wait sync.WaitGroup
	wait.Go(func() { cli.Main(ctx, []string{"proto", "--watch", "-C", dir}, &out, &out) })
	defer wait.Wait()
	defer cancel()

	out.await(t, "watching the protos")
	save(t, proto, "syntax = \"proto3\";\npackage chat.v1;\nmessage Said {\n")
	out.await(t, "chat.proto:4:1: syntax error")
	save(t, proto, "syntax = \"proto3\";\npackage chat.v1;\nmessage Said {}\n")
	out.await(t, "mended: there are no faults any more")
	if _, err := os.Stat(filepath.Join(dir, "gen", "chat", "v1", "chat.pb.go")); err != nil {
		t.Error(err)
	}
}

func save(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// lines is what a program prints, for others to wait for.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

// await waits until the text has been printed behind what was awaited last.
func (l *lines) await(t *testing.T, text string) {
	t.Helper()
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	timeout := time.After(20 * time.Second)
	for {
		l.mu.Lock()
		if at := strings.Index(l.text.String(), text); at >= 0 {
			l.text.Next(at + len(text))
			l.mu.Unlock()
			return
		}
		got := l.text.String()
		l.mu.Unlock()
		select {
		case <-tick.C:
		case <-timeout:
			t.Fatalf("waited for %q, got:\n%s", text, got)
		}
	}
}
