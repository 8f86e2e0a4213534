package link

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/registry"
)

// directCalls is up to how many requests in flight a link counts as quiet: whoever
// sends then does it himself.
const directCalls = 4

var errTooLarge = errors.New("the request is larger than the link's queue")

// conn is the frontend's end of the link to one instance. run holds it open.
type conn struct {
	pool    *Pool
	app     string
	name    string // of the instance
	address string
	cancel  context.CancelFunc
	wake    chan struct{} // holds one token when a new attempt is worth while

	ready  atomic.Bool // takes new requests; changes with mu held
	events atomic.Bool // the instance wants to hear of every session, and is linked
	gone   atomic.Bool // retired: it will not come back

	silent atomic.Bool   // owes answers and gives none
	heard  atomic.Uint64 // counts what came

	heardThen uint64 // of watchSilence, as is looks
	looks     int

	mu     sync.Mutex
	epoch  string // of the instance, as the registry says
	stream uint32 // how often a stream was opened
	out    *outbox
	calls  calls
	leave  bool // end the stream once nothing is in flight

	// The reader's alone.
	reply    Reply      // what LinkReply is given
	answered []Receiver // that got replies of this batch
}

// changed tells the link what the registry says now: an instance that started
// anew is tried at once.
func (c *conn) changed(i registry.Instance) {
	c.mu.Lock()
	again := i.Epoch != c.epoch
	c.epoch = i.Epoch
	c.mu.Unlock()
	if again {
		select {
		case c.wake <- struct{}{}:
		default:
		}
	}
}

// retire ends the link once nothing is in flight.
func (c *conn) retire() {
	c.gone.Store(true)
	c.mu.Lock()
	out := c.out
	c.mu.Unlock()
	if out == nil {
		c.cancel()
		return
	}
	c.drain()
}

// drain sends no new requests, and ends the stream once nothing is in flight.
func (c *conn) drain() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ready.Store(false)
	c.leave = true
	c.leaveIfIdle()
}

// leaveIfIdle is called with mu held.
func (c *conn) leaveIfIdle() {
	if c.leave && c.calls.n == 0 && c.out != nil {
		c.out.finish()
	}
}

// up begins to use a stream on which both sides have said hello.
func (c *conn) up(out *outbox, h *hawospb.Hello) {
	c.mu.Lock()
	c.stream++
	c.out, c.leave = out, false
	c.events.Store(h.GetEvents())
	c.ready.Store(!c.gone.Load())
	c.mu.Unlock()
	if c.gone.Load() {
		c.drain()
	}
	if h.GetEvents() {
		for _, s := range c.pool.all() {
			c.introduce(s)
		}
	}
}

// down stops using the stream and settles what was in flight on it.
func (c *conn) down() {
	c.mu.Lock()
	c.ready.Store(false)
	c.events.Store(false)
	c.out.close()
	c.out = nil
	lost := c.calls.takeAll()
	c.mu.Unlock()
	c.pool.metrics.inFlight.Sub(float64(len(lost)))
	c.pool.lose(lost)
}

// send queues a request, behind the session's introduction where the instance
// does not know it. It is called with the session's mu held.
func (c *conn) send(q *pending, r *Request) error {
	c.mu.Lock()
	err, out, direct := c.queue(q, r), c.out, c.calls.n <= directCalls
	c.mu.Unlock()
	if err == nil {
		out.flush(direct)
	}
	return err
}

// queue is called with both mu held.
func (c *conn) queue(q *pending, r *Request) error {
	if !c.ready.Load() {
		return errClosed
	}
	if len(r.Payload)+len(r.Trace) > c.out.limit/2 {
		return errTooLarge
	}
	call := c.calls.add(q, c.pool.o.MaxInFlight)
	if call == 0 {
		return errFull
	}
	c.tell(q.session)
	f := r.frame(call, q.session.number)
	if err := c.out.put(&f, false); err != nil {
		c.calls.take(call)
		if errors.Is(err, errClosed) {
			// It was given up, and its reader has not noticed yet: who picks it
			// again would hold a lock that the reader needs.
			c.ready.Store(false)
		}
		return err
	}
	c.pool.metrics.inFlight.Inc()
	return nil
}

// receive handles one frame of the instance. It runs on the reader alone.
func (c *conn) receive(f *frame) error {
	c.hear()
	switch f.kind {
	case hawospb.Frame_REPLY:
		c.answer(f)
	case hawospb.Frame_DRAIN:
		c.drain()
	case hawospb.Frame_HELLO:
		return fmt.Errorf("%w: a second hello", errMalformed)
	}
	return nil // kinds of a later version are none of ours
}

func (c *conn) answer(f *frame) {
	c.mu.Lock()
	q := c.calls.take(f.call)
	c.leaveIfIdle()
	c.mu.Unlock()
	if q == nil {
		c.pool.metrics.stray.Inc()
		return
	}
	c.pool.metrics.inFlight.Dec()
	s, l := q.session, q.lane
	s.mu.Lock()
	open := !s.closed
	s.mu.Unlock()
	if open {
		c.reply = Reply{Tag: q.tag, ID: q.id, OneWay: q.oneWay, Code: f.code, Payload: f.payload, Error: f.err, Flags: f.flags,
			RetryAfterMS: f.retryAfterMS, Groups: f.groups}
		s.receiver.LinkReply(&c.reply)
		c.answered = append(c.answered, s.receiver)
	}
	// Not before: the next request could be answered by another instance, and
	// that reply overtake this one.
	s.mu.Lock()
	l.flying.remove(q)
	waiting := l.lost.n > 0 || l.held.n > 0
	s.mu.Unlock()
	c.pool.recycle(q)
	if waiting {
		c.pool.advance(s, l)
	}
}

// batches is the stream that tells of the end of a batch before it waits for the
// next one.
type batches struct {
	receiver
	c *conn
}

// RecvMsg implements receiver.
func (b batches) RecvMsg(m any) error {
	b.c.settled()
	return b.receiver.RecvMsg(m)
}

// settled ends a batch of replies.
func (c *conn) settled() {
	if len(c.answered) == 0 {
		return
	}
	c.pool.o.Answered(c.answered)
	clear(c.answered)
	c.answered = c.answered[:0]
}
