// Package cachetest is the contract that each cache.Cache keeps, as a test: call
// Run from a test of the driver.
package cachetest

import (
	"context"
	"testing"
	"time"

	"github.com/hawos/hawos/runtime/cache"
)

// Run holds an empty cache against the contract.
func Run(t *testing.T, c cache.Cache) {
	ctx := context.Background()
	want := func(key, value string, there bool) {
		t.Helper()
		v, ok, err := c.Get(ctx, key)
		if err != nil || ok != there || string(v) != value {
			t.Errorf("get %q: got %q, %v, %v, want %q, %v", key, v, ok, err, value, there)
		}
	}
	set := func(key, value string, ttl time.Duration) {
		t.Helper()
		if err := c.Set(ctx, key, []byte(value), ttl); err != nil {
			t.Fatalf("set %q: %v", key, err)
		}
	}
	want("a", "", false)
	set("a", "1", 0)
	want("a", "1", true)
	set("a", "", time.Minute)
	want("a", "", true)
	set("grüße *", "\x00\xff", 0)
	want("grüße *", "\x00\xff", true)
	v, _, _ := c.Get(ctx, "grüße *")
	v[0] = 'x' // it is ours
	want("grüße *", "\x00\xff", true)
	set("short", "1", 20*time.Millisecond)
	want("short", "1", true)
	for start := time.Now(); ; {
		if _, ok, _ := c.Get(ctx, "short"); !ok {
			break
		}
		if time.Since(start) > 10*time.Second {
			t.Fatal("a value outlives its ttl")
		}
	}
	if err := c.Set(ctx, "a", nil, -time.Second); err == nil {
		t.Error("negative ttl: got no error")
	}
	if err := c.Delete(ctx, "a", "never", "grüße *"); err != nil {
		t.Error(err)
	}
	if err := c.Delete(ctx); err != nil {
		t.Errorf("delete nothing: %v", err)
	}
	want("a", "", false)
	want("grüße *", "", false)
}
