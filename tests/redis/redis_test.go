package redis_test

import (
	"context"
	"errors"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/db/redis"
)

func TestOpenNamesTheAddress(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	if err := l.Close(); err != nil { // a port where nobody listens
		t.Fatal(err)
	}
	if _, err := redis.Open(t.Context(), settings(addr), nil); err == nil || !strings.Contains(err.Error(), addr) {
		t.Errorf("server away: got %v, want the address in it", err)
	}
	if _, err := redis.Open(t.Context(), config.Redis{}, nil); err == nil || !strings.Contains(err.Error(), "redis.address is empty") {
		t.Errorf("no address: got %v", err)
	}
}

// The user's name and password each go where they belong.
func TestOpenLogsIn(t *testing.T) {
	each(t, func(t *testing.T, addr string) {
		ctx := t.Context()
		admin := open(t, addr)
		if err := admin.Do(ctx, "ACL", "SETUSER", "hawos", "on", ">secret", "~*", "+@all").Err(); err != nil {
			t.Skipf("SKIP: this server has no users: %v", err)
		}
		defer admin.Do(context.Background(), "ACL", "DELUSER", "hawos")
		s := settings(addr)
		s.Username, s.Password = "hawos", "secret"
		c, err := redis.Open(ctx, s, nil)
		if err != nil {
			t.Fatalf("right password: %v", err)
		}
		defer c.Close()
		if who := c.Do(ctx, "ACL", "WHOAMI").Val(); who != "hawos" {
			t.Errorf("got user %v, want hawos", who)
		}
		s.Username, s.Password = "secret", "hawos"
		if _, err := redis.Open(ctx, s, nil); err == nil || !strings.Contains(err.Error(), "WRONGPASS") {
			t.Errorf("exchanged: got %v, want WRONGPASS", err)
		}
	})
}

func TestLock(t *testing.T) {
	each(t, func(t *testing.T, addr string) {
		ctx := t.Context()
		c := open(t, addr)
		lock, err := c.TryLock(ctx, "lock:a", time.Minute)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.TryLock(ctx, "lock:a", time.Minute); !errors.Is(err, redis.ErrLocked) {
			t.Errorf("second: got %v, want ErrLocked", err)
		}
		if err := lock.Extend(ctx, time.Hour); err != nil {
			t.Error(err)
		}
		if ttl := c.TTL(ctx, "lock:a").Val(); ttl < 50*time.Minute {
			t.Errorf("extended: got %v left, want an hour", ttl)
		}
		if err := lock.Unlock(ctx); err != nil {
			t.Error(err)
		}
		if err := lock.Unlock(ctx); !errors.Is(err, redis.ErrNotHeld) {
			t.Errorf("second unlock: got %v, want ErrNotHeld", err)
		}
		if _, err := c.TryLock(ctx, "lock:a", 0); err == nil {
			t.Error("no ttl: got a lock for ever")
		}
	})
}

// A lock that expired is not unlocked from under its next owner.
func TestLockExpires(t *testing.T) {
	each(t, func(t *testing.T, addr string) {
		ctx := t.Context()
		c := open(t, addr)
		slow, err := c.TryLock(ctx, "lock:b", 50*time.Millisecond)
		if err != nil {
			t.Fatal(err)
		}
		var next *redis.Lock
		for start := time.Now(); next == nil; {
			if next, err = c.TryLock(ctx, "lock:b", time.Minute); err != nil && !errors.Is(err, redis.ErrLocked) {
				t.Fatal(err)
			}
			if time.Since(start) > 10*time.Second {
				t.Fatal("the lock does not expire")
			}
		}
		if err := slow.Unlock(ctx); !errors.Is(err, redis.ErrNotHeld) {
			t.Errorf("unlock after expiry: got %v, want ErrNotHeld", err)
		}
		if err := slow.Extend(ctx, time.Hour); !errors.Is(err, redis.ErrNotHeld) {
			t.Errorf("extend after expiry: got %v, want ErrNotHeld", err)
		}
		if err := next.Unlock(ctx); err != nil {
			t.Errorf("the next owner: %v", err)
		}
	})
}
