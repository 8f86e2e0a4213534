package embedded_test

import (
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/hawos/hawos/hawosgen/infra/embedded"
)

func TestMiniRedisKeepsEveryTypeOverARestart(t *testing.T) {
	dir := t.TempDir()
	first := start(t, embedded.MiniRedis, embedded.Options{Dir: dir})
	c := redisClient(t, first.Addr(), 0)
	binary := "\x00\xff\r\n*1\r\n"
	ctx := t.Context()
	pipe := c.Pipeline()
	pipe.Set(ctx, "string", binary, 0)
	pipe.Set(ctx, "empty", "", 0)
	pipe.Set(ctx, "leased", "v", time.Hour)
	pipe.HSet(ctx, "hash", "f", binary, "g", "")
	pipe.RPush(ctx, "list", "c", "a", "b", "a")
	pipe.SAdd(ctx, "set", "y", "x")
	pipe.ZAdd(ctx, "zset", redis.Z{Score: 2.5, Member: "two"}, redis.Z{Score: -1, Member: "one"}, redis.Z{Score: 1e300, Member: "3"})
	if _, err := pipe.Exec(ctx); err != nil {
		t.Fatal(err)
	}
	if err := redisClient(t, first.Addr(), 3).Set(ctx, "elsewhere", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	shut(t, first)

	again := start(t, embedded.MiniRedis, embedded.Options{Dir: dir, Port: port(t, first.Addr())})
	c = redisClient(t, again.Addr(), 0)
	check(t, "string", c.Get(ctx, "string").Val(), binary)
	check(t, "empty", c.Exists(ctx, "empty").Val(), int64(1))
	check(t, "hash", c.HGetAll(ctx, "hash").Val(), map[string]string{"f": binary, "g": ""})
	check(t, "list", c.LRange(ctx, "list", 0, -1).Val(), []string{"c", "a", "b", "a"})
	check(t, "set", c.SMembersMap(ctx, "set").Val(), map[string]struct{}{"x": {}, "y": {}})
	check(t, "zset", c.ZRangeWithScores(ctx, "zset", 0, -1).Val(),
		[]redis.Z{{Score: -1, Member: "one"}, {Score: 2.5, Member: "two"}, {Score: 1e300, Member: "3"}})
	check(t, "keys", c.DBSize(ctx).Val(), int64(7))
	if ttl := c.TTL(ctx, "leased").Val(); ttl < 59*time.Minute || ttl > time.Hour {
		t.Errorf("leased lives for %s more, want an hour or little less", ttl)
	}
	check(t, "ttl of string", c.TTL(ctx, "string").Val(), time.Duration(-1))
	check(t, "elsewhere", redisClient(t, again.Addr(), 3).Get(ctx, "elsewhere").Val(), "v")
}

func TestMiniRedisExpiresKeys(t *testing.T) {
	c := redisClient(t, start(t, embedded.MiniRedis, embedded.Options{}).Addr(), 0)
	if err := c.Set(t.Context(), "short", "v", 150*time.Millisecond).Err(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the key expires", func() bool { return c.Exists(t.Context(), "short").Val() == 0 })
}

func TestMiniRedisSavesWhileItRuns(t *testing.T) {
	dir := t.TempDir()
	c := redisClient(t, start(t, embedded.MiniRedis, embedded.Options{Dir: dir}).Addr(), 0)
	if err := c.Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	// What a killed process leaves behind is the file: a second server reads a copy of it.
	copied := t.TempDir()
	eventually(t, "the snapshot holds the key", func() bool {
		data, err := os.ReadFile(filepath.Join(dir, "redis.snapshot"))
		if err != nil {
			return false
		}
		if err := os.WriteFile(filepath.Join(copied, "redis.snapshot"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		s := start(t, embedded.MiniRedis, embedded.Options{Dir: copied})
		defer shut(t, s)
		return redisClient(t, s.Addr(), 0).Get(t.Context(), "k").Val() == "v"
	})
}

func TestMiniRedisNamesASnapshotThatItCannotRead(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "redis.snapshot"), []byte("no gob"), 0o600); err != nil {
		t.Fatal(err)
	}
	if s, err := embedded.MiniRedis(embedded.Options{Dir: dir}); err == nil {
		s.Close()
		t.Error("started on a file that is no snapshot")
	}
}

func start(t *testing.T, f func(embedded.Options) (*embedded.Server, error), o embedded.Options) *embedded.Server {
	t.Helper()
	s, err := f(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

func shut(t *testing.T, s *embedded.Server) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

func redisClient(t *testing.T, addr string, db int) *redis.Client {
	t.Helper()
	c := redis.NewClient(&redis.Options{Addr: addr, DB: db})
	t.Cleanup(func() { c.Close() })
	return c
}

func port(t *testing.T, addr string) int {
	t.Helper()
	_, p, err := net.SplitHostPort(addr)
	if err != nil {
		t.Fatal(err)
	}
	n, err := strconv.Atoi(p)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func check(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s: got %#v, want %#v", what, got, want)
	}
}

func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	end := time.After(10 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			t.Fatalf("waited 10 s in vain: %s", what)
		}
	}
}
