// Package interest keeps the directory in step with what a frontend holds: the
// groups that have members there, and the uids of its sessions. One goroutine
// writes, so that a group's last member and the next first one never overtake
// each other; what the directory loses is written again. Start from Keeper.
package interest

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/hawos/hawos/runtime/directory"
)

// Options of a keeper. All but Interval, Timeout and Log must be given.
type Options struct {
	Directory directory.Directory
	Frontend  string // instance name
	Epoch     string // this run of it

	// HasGroup reports whether the group has members here. It may be called with
	// the keeper's lock held: it must not call the keeper.
	HasGroup func(group string) bool
	// HasUID reports whether the uid's session is still here.
	HasUID func(uid, session string) bool
	// UIDs returns the uids of up to n sessions, each with its session's ID; all
	// where n < 0. It should choose others every time.
	UIDs func(n int) map[string]string

	Interval time.Duration // between two checks for losses; default 5 s
	Timeout  time.Duration // of one write; default 3 s
	Log      *slog.Logger  // default slog.Default
}

// Keeper writes to the directory. Its methods may be called concurrently.
type Keeper struct {
	o    Options
	wake chan struct{}

	mu      sync.RWMutex
	written map[string]struct{}  // groups that the directory has
	stale   map[string]struct{}  // groups that it may have, though they are empty
	dirty   map[string][]*waiter // groups that changed, and who waits for them
	ended   bool
}

// New returns a keeper that works while Run does.
func New(o Options) *Keeper {
	if o.Interval <= 0 {
		o.Interval = 5 * time.Second
	}
	if o.Timeout <= 0 {
		o.Timeout = 3 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Keeper{
		o:       o,
		wake:    make(chan struct{}, 1),
		written: map[string]struct{}{},
		stale:   map[string]struct{}{},
		dirty:   map[string][]*waiter{},
	}
}

// Changed tells that the groups may have got their first or lost their last
// member.
func (k *Keeper) Changed(groups ...string) {
	k.mu.Lock()
	if !k.ended {
		k.soil(groups)
	}
	k.mu.Unlock()
	k.poke()
}

// Knows reports whether the directory knows that the group has members here. Ask
// after the group got its member.
func (k *Keeper) Knows(group string) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	_, ok := k.written[group]
	return ok || k.ended // at the end nobody needs to be told
}

// Ensure calls then once the directory knows of all the groups, or once a write
// of one failed, from another goroutine unless Run has ended. then must not
// block. groups has at least one.
func (k *Keeper) Ensure(groups []string, then func(error)) {
	w := &waiter{left: len(groups), then: then}
	k.mu.Lock()
	if k.ended {
		k.mu.Unlock()
		then(nil)
		return
	}
	for _, g := range groups {
		k.dirty[g] = append(k.dirty[g], w)
	}
	k.mu.Unlock()
	k.poke()
}

// waiter waits for the writes of one or more groups. Only Run's goroutine
// touches it.
type waiter struct {
	left int
	err  error
	then func(error)
}

func tell(waiters []*waiter, err error) {
	for _, w := range waiters {
		if w.err == nil {
			w.err = err
		}
		if w.left--; w.left == 0 {
			w.then(w.err)
		}
	}
}

// soil makes the groups dirty. The lock is held.
func (k *Keeper) soil(groups []string) {
	for _, g := range groups {
		if _, ok := k.dirty[g]; !ok {
			k.dirty[g] = nil
		}
	}
}

func (k *Keeper) poke() {
	select {
	case k.wake <- struct{}{}:
	default:
	}
}

// Run works until ctx ends, then takes the frontend's groups out of the
// directory.
func (k *Keeper) Run(ctx context.Context) {
	check := time.NewTicker(k.o.Interval)
	defer check.Stop()
	for {
		select {
		case <-ctx.Done():
			k.end()
			return
		case <-k.wake:
		case <-check.C:
			k.check(ctx)
		}
		k.write(ctx)
	}
}

// end writes what changed last and takes out what is left.
func (k *Keeper) end() {
	ctx := context.Background() // each write has its timeout
	k.write(ctx)
	k.mu.Lock()
	k.ended = true
	left := keys(k.written)
	clear(k.written)
	waiting := k.dirty
	k.dirty = nil
	k.mu.Unlock()
	if err := k.leave(ctx, left); err != nil {
		k.o.Log.Warn("leave the directory", "groups", len(left), "err", err)
	}
	for _, waiters := range waiting {
		tell(waiters, context.Canceled)
	}
}

func keys[V any](m map[string]V) []string {
	list := make([]string, 0, len(m))
	for k := range m {
		list = append(list, k)
	}
	return list
}
