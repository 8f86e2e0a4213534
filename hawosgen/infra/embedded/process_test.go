package embedded_test

import (
	"os/exec"
	"testing"

	"github.com/hawos/hawos/hawosgen/infra/embedded"
)

func TestRedisServerKeepsItsDataAndLeavesNoProcess(t *testing.T) {
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		t.Skip("no redis-server on PATH")
	}
	real := func(o embedded.Options) (*embedded.Server, error) { return embedded.RedisServer(bin, o) }
	dir := t.TempDir()
	first := start(t, real, embedded.Options{Dir: dir})
	if err := redisClient(t, first.Addr(), 0).Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if first.StandIn() != "" {
		t.Errorf("redis-server says it is %q", first.StandIn())
	}
	shut(t, first)
	if err := redisClient(t, first.Addr(), 0).Ping(t.Context()).Err(); err == nil {
		t.Error("it still answers after Close")
	}
	again := start(t, real, embedded.Options{Dir: dir, Port: port(t, first.Addr())})
	check(t, "k", redisClient(t, again.Addr(), 0).Get(t.Context(), "k").Val(), "v")
}

func TestAProcessThatEndsAtOnceShowsItsLastWords(t *testing.T) {
	bin, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no sh on PATH")
	}
	s, err := embedded.RedisServer(bin, embedded.Options{}) // sh knows no --port
	if err == nil {
		s.Close()
		t.Fatal("sh started as a Redis")
	}
	t.Log(err)
}
