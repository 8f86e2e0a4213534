// Package redis_test holds the rooms that use Redis against a real redis-server
// (REDIS_ADDR, or the one on PATH) and against the embedded stand-in.
package redis_test

import (
	"context"
	"os"
	"os/exec"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hawos/hawos/hawosgen/infra/embedded"
	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/db/redis"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// each runs the test against the stand-in and against a real server. Both are
// emptied before.
func each(t *testing.T, test func(t *testing.T, addr string)) {
	t.Run("stand-in", func(t *testing.T) {
		s, err := embedded.MiniRedis(embedded.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { closeServer(t, s) })
		test(t, s.Addr())
	})
	t.Run("real", func(t *testing.T) {
		if addr := os.Getenv("REDIS_ADDR"); addr != "" {
			if err := open(t, addr).FlushDB(t.Context()).Err(); err != nil {
				t.Fatal(err)
			}
			test(t, addr)
			return
		}
		if _, err := exec.LookPath("redis-server"); err != nil {
			t.Skip("SKIP: no REDIS_ADDR, and no redis-server on PATH")
		}
		s, err := embedded.Redis(embedded.Options{Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { closeServer(t, s) })
		test(t, s.Addr())
	})
}

func closeServer(t *testing.T, s *embedded.Server) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func settings(addr string) config.Redis {
	return config.Redis{Address: addr, DialTimeout: 5 * time.Second, Timeout: 3 * time.Second}
}

func open(t *testing.T, addr string) *redis.Client {
	t.Helper()
	c, err := redis.Open(context.Background(), settings(addr), nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	})
	return c
}
