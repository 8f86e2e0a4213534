package link

import (
	"errors"

	"google.golang.org/grpc/codes"

	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/selector"
	"github.com/hawos/hawos/runtime/wire"
)

// refusal is an answer that the pool gives itself.
type refusal struct {
	code  codes.Code
	text  string
	flags uint32
	why   string // the metric's label
}

var (
	refuseUnknown = &refusal{codes.Unimplemented, "unknown protocol ID", 0, "unknown"}
	refuseNobody  = &refusal{codes.Unavailable, "no instance of the service is available", wire.FlagRetryable, "unavailable"}
	refuseLost    = &refusal{codes.Unavailable, "the instance was lost before it answered", 0, "lost"}
	refuseFull    = &refusal{codes.ResourceExhausted, "the service is busy", wire.FlagRetryable, "full"}
	refuseHeld    = &refusal{codes.ResourceExhausted, "too many requests wait for the service", wire.FlagRetryable, "held"}
	refuseTooLate = &refusal{codes.DeadlineExceeded, "deadline exceeded", 0, "late"}
	// refuseNotYet is no answer: the instance that the session's requests are in
	// flight to was lost, or began to drain, this moment. Who settles them comes to
	// this one, which is to be held.
	refuseNotYet   = &refusal{}
	refuseTooLarge = &refusal{codes.ResourceExhausted, "the request is too large", 0, "large"}
)

// Send routes the request to an instance and returns at once; the session's
// Receiver hears the answer. A protocol ID that nobody knows is answered
// UNIMPLEMENTED, one without a live instance UNAVAILABLE, and one whose queue is
// full RESOURCE_EXHAUSTED; the pool's own answers may overtake those of
// instances. Requests of one session must come from one goroutine at a time, in
// their order. It does not allocate in steady state.
func (p *Pool) Send(s *Session, r Request) {
	v := p.view.Load()
	to, ok := v.table.Lookup(r.ID)
	if !ok {
		p.refuse(s, &r, refuseUnknown)
		return
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return
	}
	why := p.route(v, s, to, &r)
	s.mu.Unlock()
	if why != nil {
		p.refuse(s, &r, why)
	}
}

// route sends r on, or holds it, or says why not. It is called with s.mu held.
func (p *Pool) route(v *view, s *Session, to *selector.Route, r *Request) *refusal {
	l := s.lane(to.App)
	q, ok := p.spare.Get().(*pending)
	if !ok {
		q = new(pending)
	}
	q.session, q.lane, q.id, q.tag, q.oneWay, q.idempotent = s, l, r.ID, r.Tag, r.OneWay, to.Options.Idempotent
	if l.lost.n > 0 || l.held.n > 0 || l.flying.n > 0 && !v.follows(l, to) {
		if l.held.n >= p.o.MaxHeld {
			p.recycle(q)
			return refuseHeld
		}
		q.keep(r)
		l.held.push(q)
		return nil
	}
	if q.idempotent {
		q.keep(r)
	}
	why := p.launch(v, to, q, r, nil)
	if why == refuseNotYet {
		q.keep(r)
		l.held.push(q)
		return nil
	}
	if why != nil {
		p.recycle(q)
	}
	return why
}

// follows reports whether a request of the route may go where those in flight
// went.
func (v *view) follows(l *lane, to *selector.Route) bool {
	n, ok := v.index[l.conn]
	return ok && v.Usable(n) && v.table.Answers(to, n)
}

// launch sends r, as q, to the instance that the session's requests are in flight
// to, else to the one whose turn it is, but not to except. It is called with the
// session's mu held.
func (p *Pool) launch(v *view, to *selector.Route, q *pending, r *Request, except *conn) *refusal {
	for {
		c := q.lane.conn
		if q.lane.flying.n == 0 {
			if c = p.pick(v, to, q.session, except); c == nil {
				return refuseNobody
			}
		}
		err := c.send(q, r)
		switch {
		case err == nil:
			q.conn, q.lane.conn = c, c
			q.lane.flying.push(q)
			return nil
		case errors.Is(err, errTooLarge):
			return refuseTooLarge
		case errors.Is(err, errFull):
			return refuseFull
		case q.lane.flying.n > 0:
			return refuseNotYet
		}
		// Another is picked: a link that is down is not ready.
	}
}

// pick returns the instance whose turn it is; nil where none can be reached.
func (p *Pool) pick(v *view, to *selector.Route, s *Session, except *conn) *conn {
	if p.closed.Load() {
		return nil
	}
	var i *selector.Instance
	if except != nil {
		i = v.table.Pick(to, s.key, others{v, except})
	} else {
		if to.Balance == route.BalanceRoundRobin { // BalanceSession follows the set of instances alone
			i = v.table.Pick(to, s.key, lively{v})
		}
		if i == nil {
			i = v.table.Pick(to, s.key, v)
		}
	}
	if i == nil {
		return nil
	}
	return v.conns[i.Index]
}

// others are the usable instances but one.
type others struct {
	*view
	except *conn
}

// Usable implements selector.Usable.
func (o others) Usable(index int) bool {
	return o.conns[index] != o.except && o.view.Usable(index)
}

func (p *Pool) refuse(s *Session, r *Request, why *refusal) {
	p.metrics.refused(why)
	s.receiver.LinkReply(&Reply{Tag: r.Tag, ID: r.ID, OneWay: r.OneWay, Code: uint32(why.code), Error: why.text, Flags: why.flags})
	p.o.Answered([]Receiver{s.receiver})
}

// recycle takes back a request that is in no list any more.
func (p *Pool) recycle(q *pending) {
	data := q.data[:0]
	if cap(data) > chunkBytes {
		data = nil
	}
	*q = pending{data: data}
	p.spare.Put(q)
}
