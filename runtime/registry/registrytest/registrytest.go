// Package registrytest is the contract that every registry driver passes.
package registrytest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/route"
)

// wait bounds what must happen; it is no measure of speed.
const wait = 20 * time.Second

// Opener returns one more view of a namespace, as another process has, which
// ends with the test.
type Opener func(t *testing.T) registry.Registry

// Run holds the contract against a driver: namespace begins an empty one.
func Run(t *testing.T, namespace func(t *testing.T) Opener) {
	for name, test := range map[string]func(*testing.T, Opener){
		"FirstCallBeforeWatchReturns":   testFirstCall,
		"WatchSeesRegisterAndClose":     testLife,
		"UpdateIsSeen":                  testUpdate,
		"NameOfLiveInstanceIsRefused":   testTaken,
		"SameAddressMayRegisterAgain":   testRestart,
		"UnspecifiedAddressIsRefused":   testUnspecified,
		"NamesThatBeginAlikeStayApart":  testPrefix,
		"ManyProtocolIDsArriveWhole":    testManyIDs,
		"StopWaitsForTheLastCall":       testStop,
		"ClosedRegistryRefuses":         testClosed,
		"WatchersOfOneRegistryAgree":    testTwoWatchers,
		"CloseOfOldKeepsTheNewInstance": testOldClose,
	} {
		t.Run(name, func(t *testing.T) { test(t, namespace(t)) })
	}
}

// Instance returns one that may be registered.
func Instance(app, id, address string, ids ...uint32) registry.Instance {
	i := registry.Instance{App: app, ID: app + "-" + id, Address: address, State: registry.Ready,
		Started: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC), Epoch: "e"}
	for _, n := range ids {
		i.Entries = append(i.Entries, route.Entry{ID: n, App: app, Method: fmt.Sprintf("%s.v1.S.M%d", app, n)})
	}
	return i
}

// watch returns a function that waits until a snapshot satisfies want.
func watch(t *testing.T, r registry.Registry) func(what string, want func([]registry.Instance) bool) {
	t.Helper()
	snapshots := make(chan []registry.Instance, 1000)
	stop, err := r.Watch(t.Context(), func(all []registry.Instance) { snapshots <- all })
	if err != nil {
		t.Fatalf("watch: %v", err)
	}
	t.Cleanup(stop)
	return func(what string, want func([]registry.Instance) bool) {
		t.Helper()
		timeout := time.After(wait)
		for {
			select {
			case s := <-snapshots:
				if want(s) {
					return
				}
			case <-timeout:
				t.Fatalf("no snapshot in which %s", what)
			}
		}
	}
}

func register(t *testing.T, r registry.Registry, i registry.Instance) registry.Registration {
	t.Helper()
	g, err := r.Register(t.Context(), i)
	if err != nil {
		t.Fatalf("register %s: %v", i.ID, err)
	}
	t.Cleanup(func() { _ = g.Close(context.WithoutCancel(t.Context())) })
	return g
}

func find(all []registry.Instance, id string) (registry.Instance, bool) {
	for _, i := range all {
		if i.ID == id {
			return i, true
		}
	}
	return registry.Instance{}, false
}

func has(id string, ids int) func([]registry.Instance) bool {
	return func(all []registry.Instance) bool {
		i, ok := find(all, id)
		return ok && len(i.Entries) == ids
	}
}

func lacks(id string) func([]registry.Instance) bool {
	return func(all []registry.Instance) bool { _, ok := find(all, id); return !ok }
}

func testFirstCall(t *testing.T, open Opener) {
	register(t, open(t), Instance("first", "1", "127.0.0.1:1001", 101))
	called := false
	stop, err := open(t).Watch(t.Context(), func(all []registry.Instance) {
		if !called && !has("first-1", 1)(all) {
			t.Errorf("first snapshot lacks first-1 with its ID: %v", all)
		}
		called = true
	})
	if err != nil {
		t.Fatal(err)
	}
	stop()
	if !called {
		t.Error("Watch returned before its first call")
	}
}

func testLife(t *testing.T, open Opener) {
	see := watch(t, open(t))
	g := register(t, open(t), Instance("life", "1", "127.0.0.1:1002", 101, 102))
	see("life-1 is there with 2 IDs", has("life-1", 2))
	if err := g.Close(t.Context()); err != nil {
		t.Fatalf("close: %v", err)
	}
	see("life-1 is gone", lacks("life-1"))
}

func testUpdate(t *testing.T, open Opener) {
	see := watch(t, open(t))
	i := Instance("update", "1", "127.0.0.1:1003", 101)
	g := register(t, open(t), i)
	i.State = registry.Draining
	if err := g.Update(t.Context(), i); err != nil {
		t.Fatalf("update: %v", err)
	}
	see("update-1 drains and keeps its ID", func(all []registry.Instance) bool {
		i, _ := find(all, "update-1")
		return i.State == registry.Draining && len(i.Entries) == 1
	})
}

func testTaken(t *testing.T, open Opener) {
	register(t, open(t), Instance("taken", "1", "127.0.0.1:1004"))
	_, err := open(t).Register(t.Context(), Instance("taken", "1", "127.0.0.1:2004"))
	if !errors.Is(err, registry.ErrTaken) {
		t.Fatalf("second holder: got %v, want ErrTaken", err)
	}
}

func testRestart(t *testing.T, open Opener) {
	see := watch(t, open(t))
	register(t, open(t), Instance("restart", "1", "127.0.0.1:1005", 101, 102))
	again := Instance("restart", "1", "127.0.0.1:1005", 103)
	again.Epoch = "second run"
	register(t, open(t), again)
	see("the second run holds the name, with its ID alone", func(all []registry.Instance) bool {
		i, _ := find(all, "restart-1")
		return i.Epoch == "second run" && len(i.Entries) == 1 && i.Entries[0].ID == 103
	})
}

func testUnspecified(t *testing.T, open Opener) {
	r := open(t)
	for _, address := range []string{"0.0.0.0:80", "[::]:80", ":80", "127.0.0.1:0", "127.0.0.1", ""} {
		if g, err := r.Register(t.Context(), Instance("unspec", "1", address)); err == nil {
			_ = g.Close(t.Context())
			t.Errorf("address %q was accepted", address)
		}
	}
}

func testPrefix(t *testing.T, open Opener) {
	register(t, open(t), Instance("pre", "1", "127.0.0.1:1006", 101))
	register(t, open(t), Instance("prefix", "1", "127.0.0.1:1007", 102, 103))
	watch(t, open(t))("pre-1 has its own ID alone", func(all []registry.Instance) bool {
		return has("pre-1", 1)(all) && has("prefix-1", 2)(all)
	})
}

func testManyIDs(t *testing.T, open Opener) {
	ids := make([]uint32, 12_000) // over 512 KiB as JSON
	for n := range ids {
		ids[n] = uint32(100 + n)
	}
	register(t, open(t), Instance("many", "1", "127.0.0.1:1008", ids...))
	watch(t, open(t))("all IDs are there", has("many-1", len(ids)))
}

func testStop(t *testing.T, open Opener) {
	r := open(t)
	entered, leave := make(chan struct{}), make(chan struct{})
	calls := 0
	stop, err := r.Watch(t.Context(), func([]registry.Instance) {
		if calls++; calls == 2 {
			close(entered)
			<-leave
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	register(t, r, Instance("stop", "1", "127.0.0.1:1009"))
	<-entered
	stopped := make(chan struct{})
	go func() { stop(); close(stopped) }()
	select {
	case <-stopped:
		t.Error("stop returned while f ran")
	default:
	}
	close(leave)
	<-stopped
}

func testClosed(t *testing.T, open Opener) {
	r := open(t)
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Register(t.Context(), Instance("closed", "1", "127.0.0.1:1010")); err == nil {
		t.Error("a closed registry registers")
	}
	if _, err := r.Watch(t.Context(), func([]registry.Instance) {}); err == nil {
		t.Error("a closed registry watches")
	}
}

func testTwoWatchers(t *testing.T, open Opener) {
	r := open(t)
	one, two := watch(t, r), watch(t, r)
	register(t, r, Instance("two", "1", "127.0.0.1:1011", 101))
	one("two-1 is there", has("two-1", 1))
	two("two-1 is there", has("two-1", 1))
}

func testOldClose(t *testing.T, open Opener) {
	first := register(t, open(t), Instance("old", "1", "127.0.0.1:1012", 101))
	register(t, open(t), Instance("old", "1", "127.0.0.1:1012", 101, 102))
	if err := first.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	register(t, open(t), Instance("old", "2", "127.0.0.1:1013", 103))
	watch(t, open(t))("old-1 is still there", func(all []registry.Instance) bool {
		if !has("old-2", 1)(all) {
			return false
		}
		if !has("old-1", 2)(all) {
			t.Errorf("the new run's entry went with the old one's")
		}
		return true
	})
}
