package registry

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
)

// ErrClosed is returned by a registry that has been closed.
var ErrClosed = errors.New("registry is closed")

// Watchers hands snapshots to watch functions, each on a goroutine of its own: a
// slow one misses intermediate snapshots, never the last. Drivers embed it. The
// zero value has an empty snapshot.
type Watchers struct {
	mu       sync.Mutex
	snapshot []Instance
	watchers map[*watcher]struct{}
	closed   bool
}

type watcher struct {
	changed chan struct{} // holds one token while there is something to tell
	cancel  context.CancelFunc
	done    chan struct{}
}

// Publish replaces the snapshot, which it sorts, and wakes all watchers. The
// slice belongs to Watchers afterwards.
func (w *Watchers) Publish(snapshot []Instance) {
	slices.SortFunc(snapshot, func(a, b Instance) int { return strings.Compare(a.ID, b.ID) })
	w.mu.Lock()
	defer w.mu.Unlock()
	w.snapshot = snapshot
	for one := range w.watchers {
		select {
		case one.changed <- struct{}{}:
		default:
		}
	}
}

// Snapshot returns what was published last.
func (w *Watchers) Snapshot() []Instance {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.snapshot
}

// Watch is Registry.Watch over what is published.
func (w *Watchers) Watch(ctx context.Context, f func([]Instance)) (stop func(), err error) {
	ctx, cancel := context.WithCancel(ctx)
	one := &watcher{changed: make(chan struct{}, 1), cancel: cancel, done: make(chan struct{})}
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		cancel()
		return nil, ErrClosed
	}
	if w.watchers == nil {
		w.watchers = map[*watcher]struct{}{}
	}
	w.watchers[one] = struct{}{}
	first := w.snapshot
	w.mu.Unlock()

	f(first)
	go func() {
		defer close(one.done)
		defer w.forget(one)
		for {
			select {
			case <-ctx.Done():
				return
			case <-one.changed:
				f(w.Snapshot())
			}
		}
	}()
	return func() { cancel(); <-one.done }, nil
}

func (w *Watchers) forget(one *watcher) {
	w.mu.Lock()
	defer w.mu.Unlock()
	one.cancel()
	delete(w.watchers, one)
}

// CloseWatchers ends all watches and waits for their last calls. It must not be
// called by a watch function.
func (w *Watchers) CloseWatchers() {
	w.mu.Lock()
	w.closed = true
	all := make([]*watcher, 0, len(w.watchers))
	for one := range w.watchers {
		one.cancel()
		all = append(all, one)
	}
	w.mu.Unlock()
	for _, one := range all {
		<-one.done
	}
}
