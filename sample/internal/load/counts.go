package load

import (
	"sync"
	"sync/atomic"

	"github.com/hawos/hawos/runtime/errcode"
)

// counts are what the whole crowd counts while it runs.
type counts struct {
	connected    atomic.Int64 // now
	disconnected atomic.Int64 // clients that lost their connection
	sent         atomic.Int64
	replied      atomic.Int64
	replies      Latency
	pushes       Latency

	mu     sync.Mutex
	errors map[uint32]int // by code; 0: no answer came
}

// fail counts a request that was answered with an error, or not at all.
func (c *counts) fail(err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.errors == nil {
		c.errors = make(map[uint32]int)
	}
	c.errors[errcode.From(err).Code()]++
}
