// Package pushtest is the contract that each push.Broker keeps, as a test: call
// Run from a test of the driver, with a real server or an in-process one.
package pushtest

import (
	"crypto/rand"
	"strings"
	"testing"
	"time"

	"github.com/hawos/hawos/runtime/push"
)

// Options describe the driver under test.
type Options struct {
	// Open returns a new broker over the server; the contract closes it.
	Open func(t *testing.T) push.Broker
	// Alone says that there is no server, and each broker has its own topics.
	Alone bool
	// Interrupt breaks all connections to the server, such as by restarting it
	// with its data. Nil: there are none.
	Interrupt func(t *testing.T)
	// MaxMessage is the largest message in bytes that the server must take.
	// Default: 1 MiB.
	MaxMessage int
}

// patience is how long the contract waits for what must happen.
const patience = 30 * time.Second

// Run holds the driver against the contract.
func Run(t *testing.T, o Options) {
	if o.MaxMessage == 0 {
		o.MaxMessage = 1 << 20
	}
	for _, c := range []struct {
		name string
		run  func(*bench)
	}{
		{"publishes in order", (*bench).order},
		{"reads from the end", (*bench).fromTheEnd},
		{"brings a message to each reader", (*bench).eachReader},
		{"carries any bytes", (*bench).anyBytes},
		{"carries many topics", (*bench).manyTopics},
		{"keeps topics apart", (*bench).topicsApart},
		{"calls f once at a time per topic", (*bench).serial},
		{"removes readers", (*bench).remove},
		{"takes a reader back", (*bench).resubscribe},
		{"waits when it closes", (*bench).closeWaits},
		{"refuses when it is closed", (*bench).closed},
		{"heeds the context", (*bench).context},
		{"resumes after a lost connection", (*bench).resume},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := &bench{T: t, o: o, prefix: "hawos.test." + strings.ToLower(rand.Text()[:8]) + "."}
			b.Broker = o.Open(t)
			t.Cleanup(func() {
				if err := b.Broker.Close(); err != nil {
					t.Errorf("close: %v", err)
				}
			})
			c.run(b)
		})
	}
}
