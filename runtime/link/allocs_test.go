//go:build !race

package link

import (
	"testing"

	"github.com/hawos/hawos/runtime/route"
)

// The race detector makes sync.Pool forget at random, so these hold without it.

func TestDispatchAllocatesLittle(t *testing.T) {
	handle, f := answering(t), notice(t)
	// The request, its text, its context and the session's part of it; and one
	// buffer of the test.
	if n := testing.AllocsPerRun(500, func() { handle(f) }); n > 5 {
		t.Errorf("got %v allocations per request, want 5", n)
	}
}

func TestRoutingDoesNotAllocate(t *testing.T) {
	for _, options := range []route.Options{{}, {Idempotent: true}} {
		roundTrip, replies := routing(t, options)
		roundTrip()
		if n := testing.AllocsPerRun(500, roundTrip); n != 0 {
			t.Errorf("%+v: got %v allocations per request, want 0", options, n)
		}
		if replies.n != 502 {
			t.Errorf("got %d replies, want 502", replies.n)
		}
	}
}
