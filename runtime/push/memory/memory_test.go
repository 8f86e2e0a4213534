package memory_test

import (
	"context"
	"testing"
	"testing/synctest"

	"go.uber.org/goleak"

	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/push/memory"
	"github.com/hawos/hawos/runtime/push/pushtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestContract(t *testing.T) {
	pushtest.Run(t, pushtest.Options{Open: func(*testing.T) push.Broker { return memory.New() }, Alone: true})
}

// A reader that hangs holds up its publishers, not the memory.
func TestPublishWaitsForSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := memory.New()
		release := make(chan struct{})
		sub, err := b.Subscribe(t.Context(), "r", []string{"t"}, func(string, []byte) { <-release })
		if err != nil {
			t.Fatal(err)
		}
		published := 0
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			for b.Publish(ctx, "t", []byte("x")) == nil {
				published++
			}
		}()
		synctest.Wait()
		if published != 4097 { // one is being read
			t.Errorf("got %d messages taken, want 4097", published)
		}
		cancel()
		close(release)
		if err := sub.Close(t.Context(), true); err != nil {
			t.Error(err)
		}
	})
}
