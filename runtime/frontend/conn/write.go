package conn

import (
	"errors"
	"net"
	"sync"
	"time"

	"github.com/hawos/hawos/runtime/wire"
)

// Send queues a packet that must not be dropped, such as a reply. Flush writes
// it. Where it does not fit, the connection is closed with wire.CloseTooSlow. It
// reports whether the packet waits.
func (c *Conn) Send(p *wire.Packet) bool {
	f := packetFrame(c.encoding, p)
	switch c.add(f) {
	case queued:
		return true
	case tooSlow:
		c.Close(wire.CloseTooSlow, errTooSlow.Error())
	}
	return false
}

// Push queues a message, or does what its class says where it does not fit.
// Flush writes it. The message must be of this connection's encoding. It reports
// whether the message waits.
func (c *Conn) Push(m *Message) bool {
	c.mu.Lock()
	if c.closing.Load() || c.broken {
		c.mu.Unlock()
		return false
	}
	o := c.queue.addMessage(m, c.o.MaxQueueBytes, c.stats)
	c.mu.Unlock()
	if o == tooSlow {
		c.Close(wire.CloseTooSlow, errTooSlow.Error())
	}
	return o == queued
}

// add queues a frame; dropped means that the connection is closing.
func (s *socket) add(f *frame) outcome {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closing.Load() || s.broken {
		f.free()
		return dropped
	}
	o := s.queue.addOwn(f, s.o.MaxQueueBytes, s.stats)
	if o != queued {
		f.free()
	}
	return o
}

// gather is how many bytes leave in one write.
const gather = 32 << 10

// A caller of Flush writes at most rounds times; then a goroutine goes on, so
// that one busy client does not keep it.
const rounds = 4

var gathers = sync.Pool{New: func() any { b := make([]byte, 0, gather); return &b }}

// batch is what is being written. Its data lie in one frame, which needs no
// copy, or in several that were gathered.
type batch struct {
	data     []byte
	size     int // of data when it was taken
	cost     int // in the queue
	packets  int
	own      *frame
	gathered *[]byte
}

func (b *batch) free() {
	if b.own != nil {
		b.own.free()
	}
	if b.gathered != nil {
		gathers.Put(b.gathered)
	}
	*b = batch{}
}

// Flush writes what waits, unless somebody writes already. It never waits: what
// the kernel does not take at once is left to a goroutine, which ends when
// nothing is left.
func (s *socket) Flush() {
	var b batch
	s.mu.Lock()
	more := !s.writing && s.take(&b)
	s.mu.Unlock()
	for round := 0; more && round < rounds && s.raw != nil; round++ {
		n, err := s.try.write(s.raw, b.data)
		if err != nil {
			s.fail(&b, err)
			return
		}
		if b.data = b.data[n:]; len(b.data) > 0 {
			break
		}
		more = s.next(&b)
	}
	if more {
		s.hand(b)
	}
}

// hand leaves b to a goroutine. It is a function so that Flush's batch stays on
// the stack.
func (s *socket) hand(b batch) {
	s.writers.Go(func() { s.write(b) })
}

// write writes b and all that waits after it, each write within the timeout.
func (s *socket) write(b batch) {
	for more := true; more; more = s.next(&b) {
		s.setWriteDeadline()
		if _, err := s.under.Write(b.data); err != nil {
			s.fail(&b, err)
			return
		}
	}
}

func (s *socket) setWriteDeadline() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.deadline = true
	_ = s.under.SetWriteDeadline(time.Now().Add(s.o.WriteTimeout))
}

// next settles b, which is written, and takes what comes after it.
func (s *socket) next(b *batch) bool {
	s.stats.BytesOut.Add(uint64(b.size))
	s.stats.PacketsOut.Add(uint64(b.packets))
	cost := b.cost
	b.free()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.bytes -= cost
	more := s.take(b)
	s.ease()
	return more
}

// take fills b from the queue and claims the writing, or ends it where nothing
// waits. The mutex is held.
func (s *socket) take(b *batch) bool {
	first, ok := s.queue.pop(nowMS, s.stats)
	if !ok || s.broken {
		s.rest()
		return false
	}
	s.writing = true
	b.data, b.own, b.cost, b.packets = first.bytes(), first.own, first.cost(), 1
	for len(b.data) < gather && !s.queue.empty() && s.gathers(b) {
	}
	b.size = len(b.data)
	return true
}

// gathers adds the next frame to b if there is one and it fits.
func (s *socket) gathers(b *batch) bool {
	if next := s.queue.items[s.queue.head].bytes(); len(b.data)+len(next) > gather {
		return false
	}
	i, ok := s.queue.pop(nowMS, s.stats)
	if !ok {
		return false
	}
	if b.gathered == nil {
		b.gathered = gathers.Get().(*[]byte)
		b.data = append((*b.gathered)[:0], b.data...)
		if b.own != nil {
			b.own.free()
			b.own = nil
		}
	}
	b.data = append(b.data, i.bytes()...)
	b.cost += i.cost()
	b.packets++
	if i.own != nil {
		i.own.free()
	}
	return true
}

// rest ends the writing. The mutex is held.
func (s *socket) rest() {
	if s.deadline {
		s.deadline = false
		_ = s.under.SetWriteDeadline(time.Time{})
	}
	s.writing = false
	if s.rested != nil {
		close(s.rested)
		s.rested = nil
	}
}

// fail ends the connection after a failed write.
func (s *socket) fail(b *batch, err error) {
	b.free()
	s.mu.Lock()
	s.broken = true
	s.queue.clear()
	s.rest()
	s.mu.Unlock()
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		s.Close(wire.CloseTooSlow, "")
		return
	}
	s.lost()
}

func nowMS() int64 { return time.Now().UnixMilli() }
