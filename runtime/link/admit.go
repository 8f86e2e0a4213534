package link

import (
	"bytes"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/wire"
)

// request queues a request by its order, or refuses it.
func (p *peer) request(f *frame, buf mem.Buffer) {
	s := p.server
	p.owed.Add(1)
	c, m := p.sessions[f.session], s.methods[f.id]
	switch {
	case m == nil:
		p.refuse(f.call, codes.Unimplemented, "unknown protocol ID", 0)
		return
	case c == nil:
		p.refuse(f.call, codes.FailedPrecondition, "unknown session", 0)
		return
	case s.pending.Add(1) > int64(s.o.MaxPending):
		s.done()
		s.metrics.refused.Inc()
		p.refuse(f.call, codes.ResourceExhausted, "the instance is busy", wire.FlagRetryable)
		return
	}
	k, ok := s.spare.Get().(*call)
	if !ok {
		k = new(call)
	}
	buf.Ref()
	now := time.Now()
	*k = call{peer: p, client: c, method: m, number: f.call, payload: f.payload, buf: buf, trace: bytes.Clone(f.trace), encoding: f.encoding,
		oneWay: f.kind == hawospb.Frame_ONE_WAY, arrived: now, deadline: now.Add(timeout(m, f.timeoutMS)), info: c.session()}
	m.metrics.inFlight.Inc()
	switch {
	case m.Options.Order == route.OrderNone:
		s.workers.submit(k)
	case m.key != nil:
		p.byKey(k)
	default:
		c.queue(k)
	}
}

// timeout is the smaller of the route's and the client's.
func timeout(m *method, ms uint32) time.Duration {
	d := m.Options.TimeoutOrDefault()
	if ms > 0 {
		d = min(d, time.Duration(ms)*time.Millisecond)
	}
	return d
}

// byKey decodes the request, and queues it behind those with the same key.
func (p *peer) byKey(k *call) {
	if k.fault = k.decode(); k.fault != nil {
		p.server.workers.submit(k) // it has no key to wait for
		return
	}
	if t := p.server.keys.add(keyName{k.method.service, k.method.key(k.request)}, k); t != nil {
		p.server.workers.submit(t)
	}
}
