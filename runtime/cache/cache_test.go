package cache_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/hawos/hawos/runtime/cache"
	"github.com/hawos/hawos/runtime/cache/memory"
	"github.com/hawos/hawos/runtime/recovery"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestLoadsOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := cache.NewLoader(memory.New(0))
		var loads atomic.Int32
		load := func(context.Context) ([]byte, error) {
			loads.Add(1)
			<-time.After(time.Second)
			return []byte("v"), nil
		}
		var wait sync.WaitGroup
		for range 100 {
			wait.Go(func() {
				if v, err := l.GetOrLoad(t.Context(), "k", time.Minute, load); string(v) != "v" || err != nil {
					t.Errorf("got %q, %v", v, err)
				}
			})
		}
		wait.Wait()
		if _, err := l.GetOrLoad(t.Context(), "k", time.Minute, load); err != nil || loads.Load() != 1 {
			t.Errorf("got %d loads, %v, want 1", loads.Load(), err)
		}
		<-time.After(2 * time.Minute)
		if _, err := l.GetOrLoad(t.Context(), "k", time.Minute, load); err != nil || loads.Load() != 2 {
			t.Errorf("after the ttl: got %d loads, %v, want 2", loads.Load(), err)
		}
	})
}

// The caller that loads goes away; those that wait are not failed by it.
func TestLoadingCallerGoes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := cache.NewLoader(memory.New(0))
		load := func(ctx context.Context) ([]byte, error) {
			select {
			case <-time.After(time.Second):
				return []byte("v"), nil
			case <-ctx.Done():
				return nil, ctx.Err()
			}
		}
		ctx, cancel := context.WithCancel(t.Context())
		var wait sync.WaitGroup
		wait.Go(func() {
			if _, err := l.GetOrLoad(ctx, "k", 0, load); !errors.Is(err, context.Canceled) {
				t.Errorf("gone: got %v", err)
			}
		})
		synctest.Wait()
		wait.Go(func() {
			if v, err := l.GetOrLoad(t.Context(), "k", 0, load); string(v) != "v" || err != nil {
				t.Errorf("waiting: got %q, %v", v, err)
			}
		})
		synctest.Wait()
		cancel()
		wait.Wait()
	})
}

func TestErrorsAreNotKept(t *testing.T) {
	l := cache.NewLoader(broken{})
	bad := errors.New("bad")
	if _, err := l.GetOrLoad(t.Context(), "k", 0, func(context.Context) ([]byte, error) { return nil, bad }); !errors.Is(err, bad) {
		t.Errorf("got %v, want load's error", err)
	}
	v, err := l.GetOrLoad(t.Context(), "k", 0, func(context.Context) ([]byte, error) { return []byte("v"), nil })
	if string(v) != "v" || err != nil {
		t.Errorf("cache away: got %q, %v, want it passed over", v, err)
	}
}

type broken struct{}

var errAway = errors.New("away") // never written

func (broken) Get(context.Context, string) ([]byte, bool, error)        { return nil, false, errAway }
func (broken) Set(context.Context, string, []byte, time.Duration) error { return errAway }
func (broken) Delete(context.Context, ...string) error                  { return errAway }

// A load runs beside the goroutine that recovers its handler.
func TestPanicOfALoadIsAnError(t *testing.T) {
	l := cache.NewLoader(memory.New(0))
	_, err := l.GetOrLoad(t.Context(), "k", time.Minute, func(context.Context) ([]byte, error) { panic("boom") })
	if p := (*recovery.Panic)(nil); !errors.As(err, &p) || p.Value != "boom" {
		t.Errorf("got %v, want the panic", err)
	}
}

// A load that fails by a deadline of its own is not repeated for those who wait.
func TestLoadThatTimesOutIsNotRepeated(t *testing.T) {
	l := cache.NewLoader(memory.New(0))
	var loads atomic.Int32
	var all sync.WaitGroup
	for range 10 {
		all.Go(func() {
			_, err := l.GetOrLoad(t.Context(), "k", time.Minute, func(context.Context) ([]byte, error) {
				loads.Add(1)
				return nil, context.DeadlineExceeded
			})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("got %v, want the load's error", err)
			}
		})
	}
	all.Wait()
	if n := loads.Load(); n > 10 {
		t.Errorf("loaded %d times for 10 callers", n)
	}
}
