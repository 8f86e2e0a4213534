package frontend

import (
	"context"
	"sync"
	"time"

	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/registry"
)

// leftoverAfter is how long a frontend may be missing from the registry before
// the others take what the queue keeps for it as left over. A lost lease, or a
// restart after a crash, takes less.
const leftoverAfter = time.Minute

// leftovers removes what the queue keeps for frontends that are gone and did not
// stop gracefully: nobody reads it, and it would grow without end. It knows only
// of those that it has seen alive.
type leftovers struct {
	f     *Frontend
	after time.Duration

	mu   sync.Mutex
	seen map[string]bool
	gone map[string]time.Time // since when
}

func newLeftovers(f *Frontend) *leftovers {
	return &leftovers{f: f, after: leftoverAfter, seen: map[string]bool{}, gone: map[string]time.Time{}}
}

// update takes a snapshot of the registry.
func (l *leftovers) update(all []registry.Instance) {
	l.mu.Lock()
	defer l.mu.Unlock()
	now := map[string]bool{}
	for _, i := range all {
		if i.App == l.f.host.Name() && i.ID != l.f.host.Instance() {
			now[i.ID] = true
			delete(l.gone, i.ID)
		}
	}
	for id := range l.seen {
		if !now[id] {
			l.gone[id] = time.Now()
		}
	}
	l.seen = now
}

// due takes the frontends that have been gone for long enough.
func (l *leftovers) due(now time.Time) (names []string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	for id, since := range l.gone {
		if now.Sub(since) >= l.after {
			names = append(names, id)
			delete(l.gone, id)
		}
	}
	return names
}

// run works until ctx ends.
func (l *leftovers) run(ctx context.Context) {
	t := time.NewTicker(max(l.after/4, time.Millisecond))
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case now := <-t.C:
			for _, id := range l.due(now) {
				l.remove(ctx, id)
			}
		}
	}
}

// remove is done by all frontends that are left; the queue takes it more than
// once.
func (l *leftovers) remove(ctx context.Context, id string) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	namespace := l.f.host.Config().Namespace
	err := l.f.host.Broker().Remove(ctx, id, []string{push.Topic(namespace, id), push.TopicAll(namespace)})
	if err != nil {
		l.f.log.Warn("remove what the queue keeps for a frontend that is gone", "frontend", id, "err", err)
	}
}
