package link

import (
	"time"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/wire"
)

// pending is a request that is not answered yet: in flight, held, or lost with
// its instance and waiting to be settled. It is in one list of its lane.
type pending struct {
	next, prev *pending

	session    *Session
	lane       *lane
	conn       *conn // the instance that it was sent to; nil: none yet
	id         uint32
	tag        uint64
	oneWay     bool
	idempotent bool
	resent     bool

	// What sending it later takes; empty where it never will be.
	encoding wire.Encoding
	expires  time.Time // zero: the route's timeout, from when it is sent
	data     []byte    // payload, then trace
	trace    int       // where trace begins
}

// keep copies what sending the request later takes.
func (p *pending) keep(r *Request) {
	p.encoding, p.expires = r.Encoding, time.Time{}
	if r.Timeout > 0 {
		p.expires = time.Now().Add(r.Timeout)
	}
	p.data = append(append(p.data[:0], r.Payload...), r.Trace...)
	p.trace = len(r.Payload)
}

// request is what was kept; ok is false where its time is over.
func (p *pending) request() (r Request, ok bool) {
	r = Request{ID: p.id, Payload: p.data[:p.trace], Trace: p.data[p.trace:], Encoding: p.encoding, OneWay: p.oneWay, Tag: p.tag}
	if p.expires.IsZero() {
		return r, true
	}
	r.Timeout = time.Until(p.expires)
	return r, r.Timeout > 0
}

// frame is the request as it goes to an instance.
func (r *Request) frame(call, session uint64) frame {
	f := frame{
		kind: hawospb.Frame_REQUEST, call: call, session: session, id: r.ID, payload: r.Payload,
		trace: r.Trace, encoding: r.Encoding, timeoutMS: milliseconds(r.Timeout),
	}
	if r.OneWay {
		f.kind = hawospb.Frame_ONE_WAY
	}
	return f
}

// milliseconds rounds up, so that what is left never becomes 0, which means the
// route's timeout.
func milliseconds(d time.Duration) uint32 {
	ms := (d + time.Millisecond - 1) / time.Millisecond
	return uint32(min(max(ms, 0), 1<<31))
}

// list is a queue of requests that may leave it anywhere.
type list struct {
	head, tail *pending
	n          int
}

func (l *list) push(p *pending) {
	p.next, p.prev = nil, l.tail
	if l.tail == nil {
		l.head = p
	} else {
		l.tail.next = p
	}
	l.tail = p
	l.n++
}

func (l *list) pushFront(p *pending) {
	p.prev, p.next = nil, l.head
	if l.head == nil {
		l.tail = p
	} else {
		l.head.prev = p
	}
	l.head = p
	l.n++
}

func (l *list) remove(p *pending) {
	if p.prev == nil {
		l.head = p.next
	} else {
		p.prev.next = p.next
	}
	if p.next == nil {
		l.tail = p.prev
	} else {
		p.next.prev = p.prev
	}
	p.next, p.prev = nil, nil
	l.n--
}

// takeAll moves all of o to the end of l.
func (l *list) takeAll(o *list) {
	for p := o.head; p != nil; p = o.head {
		o.remove(p)
		l.push(p)
	}
}
