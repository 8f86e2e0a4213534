package main

import (
	"bytes"
	"context"
	"io"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hawos/hawos/hawosgen/infra/state"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestInfraKeepsItsPortsWhereTheyAreFree(t *testing.T) {
	dir := t.TempDir()
	first, out := runInfra(t, dir)
	for _, want := range []string{"etcd   " + first.Addr("etcd") + "\n", "kafka  " + first.Addr("kafka") + "  a stand-in", "(miniredis)", "(nsqtest)", "stopping"} {
		if !strings.Contains(out, want) {
			t.Errorf("the output lacks %q:\n%s", want, out)
		}
	}
	l, err := net.Listen("tcp", first.Addr("redis"))
	if err != nil {
		t.Fatalf("after its end: %v", err)
	}
	defer l.Close()
	second, _ := runInfra(t, dir)
	for _, name := range []string{"etcd", "kafka"} {
		if second.Addr(name) != first.Addr(name) {
			t.Errorf("%s moved from %s to %s", name, first.Addr(name), second.Addr(name))
		}
	}
	if second.Addr("redis") == first.Addr("redis") {
		t.Errorf("redis took %s, which is in use", first.Addr("redis"))
	}
}

func TestInfraRefusesWhatItDoesNotKnow(t *testing.T) {
	for args, want := range map[string]string{
		"--parts=mysql":     `no part "mysql": there are etcd, redis, kafka, nsq`,
		"--etcd-port=99999": "a port is 0 to 65535",
		"more":              `unexpected argument "more"`,
	} {
		dir := t.TempDir()
		err := run(t.Context(), []string{"--data", dir, "--state", filepath.Join(dir, "state"), args}, io.Discard)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", args, err, want)
		}
	}
}

// runInfra runs all stand-ins until they are ready, and returns where they were and what was printed.
func runInfra(t *testing.T, dir string) (state.State, string) {
	t.Helper()
	ctx, stop := context.WithTimeout(t.Context(), time.Minute)
	defer stop()
	out := &watched{until: "ready\n", then: stop}
	file := filepath.Join(dir, "infra.json")
	args := []string{"--data", filepath.Join(dir, "data"), "--state", file, "--parts", "etcd,redis,kafka,nsq", "--stand-ins"}
	if err := run(ctx, args, out); err != nil {
		t.Fatalf("%v\n%s", err, out.buf.String())
	}
	s, err := state.Read(file)
	if err != nil {
		t.Fatal(err)
	}
	return s, out.buf.String()
}

// watched is a buffer that calls then once its text ends in until.
type watched struct {
	mu    sync.Mutex
	buf   bytes.Buffer
	until string
	then  func()
}

func (w *watched) Write(b []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.buf.Write(b)
	if strings.HasSuffix(w.buf.String(), w.until) {
		w.then()
	}
	return len(b), nil
}
