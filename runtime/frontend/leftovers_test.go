package frontend

import (
	"context"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/registry"
)

// keeping is a queue that notes what is removed.
type keeping struct {
	push.Broker
	removed []string
}

func (k *keeping) Remove(_ context.Context, reader string, topics []string) error {
	k.removed = append(append(k.removed, reader), topics...)
	return nil
}

// alone is the host of frontend-1.
type alone struct {
	Host
	queue *keeping
}

func (alone) Name() string          { return "frontend" }
func (alone) Instance() string      { return "frontend-1" }
func (alone) Config() config.Config { return config.Config{Namespace: "test"} }
func (a alone) Broker() push.Broker { return a.queue }

// What the queue keeps for a frontend that crashed for good goes, what it keeps
// for one that came back stays.
func TestLeftoversOfCrashedFrontendsAreRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		queue := &keeping{}
		l := newLeftovers(&Frontend{host: alone{queue: queue}})
		ctx, cancel := context.WithCancel(context.Background())
		done := make(chan struct{})
		go func() { defer close(done); l.run(ctx) }()
		all := func(ids ...string) (list []registry.Instance) {
			for _, id := range ids {
				list = append(list, registry.Instance{App: "frontend", ID: id})
			}
			return append(list, registry.Instance{App: "chat", ID: "chat-1"})
		}
		l.update(all("frontend-1", "frontend-2", "frontend-3"))
		l.update(all("frontend-2")[:1]) // frontend-3, chat-1 and our own lease are lost
		time.Sleep(leftoverAfter / 2)
		l.update(all("frontend-2", "frontend-3")) // back again
		time.Sleep(2 * leftoverAfter)
		if len(queue.removed) > 0 {
			t.Errorf("got %v removed, want nothing of a frontend that came back", queue.removed)
		}
		l.update(all("frontend-3"))
		time.Sleep(2 * leftoverAfter)
		cancel()
		<-done
		if want := []string{"frontend-2", "hawos.test.push.frontend-2", "hawos.test.push.all"}; !slices.Equal(queue.removed, want) {
			t.Errorf("got %v removed, want %v", queue.removed, want)
		}
	})
}
