package interest_test

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"

	"github.com/hawos/hawos/runtime/directory"
	"github.com/hawos/hawos/runtime/directory/memory"
	"github.com/hawos/hawos/runtime/frontend/interest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// moody is a directory that can be away, and counts its writes.
type moody struct {
	directory.Directory
	away   atomic.Bool
	writes atomic.Int32
}

var errAway = errors.New("away")

func (d *moody) Join(ctx context.Context, f, e string, groups ...string) error {
	if d.away.Load() {
		return errAway
	}
	d.writes.Add(1)
	return d.Directory.Join(ctx, f, e, groups...)
}

func (d *moody) Leave(ctx context.Context, f, e string, groups ...string) error {
	if d.away.Load() {
		return errAway
	}
	d.writes.Add(1)
	return d.Directory.Leave(ctx, f, e, groups...)
}

// fixture is a keeper with a fake index and a running loop.
type fixture struct {
	*interest.Keeper
	d      *moody
	groups sync.Map
	uids   sync.Map
}

func run(t *testing.T) *fixture {
	f := &fixture{d: &moody{Directory: memory.New()}}
	f.Keeper = interest.New(interest.Options{
		Directory: f.d, Frontend: "frontend-1", Epoch: "e",
		HasGroup: func(g string) bool { _, ok := f.groups.Load(g); return ok },
		HasUID:   func(uid, s string) bool { got, _ := f.uids.Load(uid); return got == s },
		UIDs: func(int) map[string]string {
			m := map[string]string{}
			f.uids.Range(func(k, v any) bool { m[k.(string)] = v.(string); return true })
			return m
		},
	})
	ctx, cancel := context.WithCancel(t.Context())
	var wait sync.WaitGroup
	wait.Go(func() { f.Run(ctx) })
	t.Cleanup(func() { cancel(); wait.Wait() })
	return f
}

func (f *fixture) has(t *testing.T, group string) bool {
	t.Helper()
	places, err := f.d.Frontends(t.Context(), []string{group})
	if err != nil {
		t.Fatal(err)
	}
	return len(places[0]) == 1 && places[0][0] == directory.Place{Frontend: "frontend-1", Epoch: "e"}
}

func (f *fixture) ensure(group string) error {
	done := make(chan error, 1)
	f.Ensure([]string{group}, func(err error) { done <- err })
	return <-done
}

func TestKeeperWritesBeforeItTells(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := run(t)
		f.groups.Store("g", 1)
		if err := f.ensure("g"); err != nil || !f.has(t, "g") {
			t.Errorf("got %v and in the directory %v, want it written", err, f.has(t, "g"))
		}
		if !f.Knows("g") {
			t.Error("a group that is written must not wait")
		}
		f.groups.Delete("g")
		f.Changed("g")
		synctest.Wait()
		if f.has(t, "g") {
			t.Error("the group's last member left and the directory still has it")
		}
	})
}

func TestKeeperTellsFailureAndTriesAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := run(t)
		f.groups.Store("g", 1)
		f.groups.Store("h", 1)
		if err := f.ensure("h"); err != nil {
			t.Fatal(err)
		}
		f.d.away.Store(true)
		if err := f.ensure("g"); !errors.Is(err, errAway) {
			t.Errorf("got %v, want %v", err, errAway)
		}
		f.groups.Delete("h")
		f.Changed("h")
		synctest.Wait()
		f.d.away.Store(false)
		time.Sleep(6 * time.Second)
		synctest.Wait()
		if !f.has(t, "g") || f.has(t, "h") {
			t.Errorf("after the directory came back: g %v, h %v, want true, false", f.has(t, "g"), f.has(t, "h"))
		}
	})
}

func TestKeeperWritesAgainWhatTheDirectoryLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := run(t)
		f.groups.Store("g", 1)
		f.uids.Store("ann", "s1")
		if err := f.ensure("g"); err != nil {
			t.Fatal(err)
		}
		if err := f.d.Directory.Leave(t.Context(), "frontend-1", "e", "g"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(6 * time.Second)
		synctest.Wait()
		places, err := f.d.Lookup(t.Context(), []string{"ann"})
		if err != nil || places[0].Session != "s1" || !f.has(t, "g") {
			t.Errorf("got ann at %v, %v and g %v, want both written again", places, err, f.has(t, "g"))
		}
	})
}

func TestKeeperWritesManyChangesAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		f := run(t)
		for i := range 500 {
			g := string(rune('a'+i%26)) + string(rune('a'+i/26))
			f.groups.Store(g, 1)
			f.Ensure([]string{g}, func(error) {})
		}
		synctest.Wait()
		if n := f.d.writes.Load(); n > 250 { // as many as the two goroutines take turns
			t.Errorf("got %d writes for 500 groups, want few", n)
		}
	})
}

func TestKeeperLeavesAtTheEnd(t *testing.T) {
	d := &moody{Directory: memory.New()}
	k := interest.New(interest.Options{Directory: d, Frontend: "frontend-1", Epoch: "e", HasGroup: func(string) bool { return true }})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { k.Run(ctx); close(ended) }()
	told := make(chan error, 1)
	k.Ensure([]string{"g"}, func(err error) { told <- err })
	<-told
	cancel()
	<-ended
	places, err := d.Frontends(t.Context(), []string{"g"})
	if err != nil || len(places[0]) != 0 {
		t.Errorf("got %v, %v, want nobody", places, err)
	}
	k.Ensure([]string{"h"}, func(err error) { told <- err })
	if err := <-told; err != nil || !k.Knows("h") {
		t.Error("a keeper at its end must make nobody wait")
	}
}
