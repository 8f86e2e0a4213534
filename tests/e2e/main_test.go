// Package e2e_test runs the sample as its users do: its own programs as
// processes, on servers that are embedded here, with clients over the websocket.
package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"

	"github.com/hawos/hawos/hawosgen/infra/embedded"
)

// shared is what all tests use: programs and servers. Tests keep apart by
// namespace.
var shared struct {
	bin   string // folder of the sample's programs
	etcd  *embedded.Server
	redis *embedded.Server
	kafka *embedded.Server
	nsq   *embedded.Server

	worlds atomic.Int32 // how many there were, for their namespaces
}

func TestMain(m *testing.M) {
	status, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, "e2e:", err)
		status = 1
	}
	os.Exit(status)
}

func run(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "hawos-e2e-")
	if err != nil {
		return 0, err
	}
	defer os.RemoveAll(dir)
	shared.bin = filepath.Join(dir, "bin")
	build := exec.Command("go", "build", buildFlags, "-o", shared.bin+"/", "./sample/cmd/...")
	build.Dir = filepath.Join("..", "..")
	if out, err := build.CombinedOutput(); err != nil {
		return 0, fmt.Errorf("build the sample: %w\n%s", err, out)
	}
	for _, s := range []struct {
		at    **embedded.Server
		start func(embedded.Options) (*embedded.Server, error)
		dir   string
	}{
		{&shared.etcd, embedded.Etcd, filepath.Join(dir, "etcd")},
		{&shared.redis, embedded.MiniRedis, ""},
		{&shared.kafka, embedded.Kafka, ""},
		{&shared.nsq, embedded.NSQTest, ""},
	} {
		server, err := s.start(embedded.Options{Dir: s.dir})
		if err != nil {
			return 0, err
		}
		defer server.Close()
		*s.at = server
	}
	return m.Run(), nil
}
