package load

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hawos/hawos/runtime/wire"
)

// client is one connection with its requests. A request's seq is the place in
// times where the moment lies that it left; a place is used again when its
// request is answered.
type client struct {
	*conn
	run     *run
	mu      sync.Mutex // in open loop, pace writes while read answers
	times   []int64    // ns; 0: answered
	free    []uint32   // seqs of the open loop
	waiting atomic.Int64
	packet  wire.Packet
	scratch []byte
}

func (r *run) dial(n int) (*client, error) {
	c, err := dial(r.o.Addr, r.o.Dialect, n)
	if err != nil {
		return nil, err
	}
	return &client{
		conn: c, run: r, times: make([]int64, r.o.InFlight),
		packet: wire.Packet{ID: EchoID, Payload: payload()},
	}, nil
}

// start sends the first requests of a closed loop; read sends the rest.
func (c *client) start() {
	c.mu.Lock()
	defer c.mu.Unlock()
	for n := range c.times {
		c.request(uint32(n+1), time.Now().UnixNano())
	}
	_ = c.flush() // a broken connection is noticed by read
}

// request is called with mu held.
func (c *client) request(seq uint32, now int64) {
	c.waiting.Add(1)
	c.times[seq-1] = now
	c.packet.Seq = seq
	c.scratch = c.packet.Append(c.scratch[:0])
	c.queue(c.scratch)
	if !c.run.o.Burst {
		_ = c.flush()
	}
}

// read takes replies until the run is over.
func (c *client) read() error {
	var buf []byte
	var reply wire.Packet
	for {
		b, err := c.next(buf)
		if err != nil && c.run.over.Load() {
			return nil // what is missing is counted as lost
		}
		if err != nil {
			return err
		}
		buf = b
		if err := reply.Unmarshal(b); err != nil {
			return err
		}
		if reply.Seq == 0 {
			continue
		}
		if err := c.answer(&reply); err != nil {
			return err
		}
	}
}

// answer counts a reply, and sends the next request of a closed loop.
func (c *client) answer(reply *wire.Packet) error {
	now := time.Now().UnixNano()
	c.mu.Lock()
	defer c.mu.Unlock()
	if int(reply.Seq) > len(c.times) || c.times[reply.Seq-1] == 0 {
		return fmt.Errorf("an answer that nobody waits for: seq %d", reply.Seq)
	}
	if c.run.measuring.Load() {
		c.run.answered.Add(1)
		c.run.latency.Add(time.Duration(now - c.times[reply.Seq-1]))
		if reply.Code != 0 {
			c.run.refused.Add(1)
		}
	}
	if c.run.gauges != nil {
		c.run.gauges.add(c.times[reply.Seq-1], now, reply.Code)
	}
	c.times[reply.Seq-1] = 0
	c.waiting.Add(-1)
	switch {
	case c.run.over.Load():
		return c.flush() // of a burst that was not sent yet
	case c.run.o.Rate > 0:
		c.free = append(c.free, reply.Seq)
		return nil
	}
	c.request(reply.Seq, now)
	// In a burst the answers that are here already are taken first.
	if c.run.o.Burst && c.r.Buffered() == 0 {
		return c.flush()
	}
	return nil
}

// pace sends at the connection's share of the rate. Latency counts from when a
// request was due, so that a slow server cannot hide by slowing the client.
func (c *client) pace(n int) {
	o := c.run.o
	interval := time.Duration(float64(time.Second) * float64(o.Conns) / o.Rate)
	due := time.Now().Add(interval * time.Duration(n) / time.Duration(o.Conns))
	timer := time.NewTimer(time.Until(due))
	defer timer.Stop()
	for !c.run.over.Load() {
		<-timer.C
		c.mu.Lock()
		if len(c.free) == 0 {
			c.times = append(c.times, 0)
			c.free = append(c.free, uint32(len(c.times)))
		}
		seq := c.free[len(c.free)-1]
		c.free = c.free[:len(c.free)-1]
		c.request(seq, due.UnixNano())
		_ = c.flush()
		c.mu.Unlock()
		due = due.Add(interval)
		timer.Reset(time.Until(due))
	}
}
