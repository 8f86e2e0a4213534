package link

// lose settles the requests that were in flight on a stream that ended: per
// session in their order, the idempotent ones by another instance.
func (p *Pool) lose(all []*pending) {
	var lanes []*pending // one of each lane
	for _, q := range all {
		q.session.mu.Lock()
		if q.lane.flying.n > 0 && q.lane.conn == q.conn {
			q.lane.flying, q.lane.lost = list{}, joined(q.lane.flying, q.lane.lost)
			lanes = append(lanes, q)
		}
		q.session.mu.Unlock()
	}
	p.metrics.lost.Add(float64(len(all)))
	for _, q := range lanes {
		p.advance(q.session, q.lane)
	}
}

// joined is a before b. It empties both.
func joined(a, b list) list {
	a.takeAll(&b)
	return a
}

// advance works off what waits on a lane, as far as it can. Answers are given one
// after another, by one goroutine at a time.
func (p *Pool) advance(s *Session, l *lane) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if l.advancing {
		return // who advances looks again
	}
	l.advancing = true
	for !s.closed {
		q, why := p.step(l)
		if q == nil {
			break
		}
		s.mu.Unlock()
		r := Request{ID: q.id, Tag: q.tag, OneWay: q.oneWay}
		p.refuse(s, &r, why)
		p.recycle(q)
		s.mu.Lock()
	}
	l.advancing = false
}

// step moves on until nothing waits, or what waits must go on waiting, or a
// request is to be answered, which it returns. It is called with the session's
// mu held.
func (p *Pool) step(l *lane) (*pending, *refusal) {
	for {
		from := &l.lost
		switch {
		case l.lost.n > 0:
			if l.flying.n > 0 {
				return nil, nil // one that was sent again is not settled yet
			}
		case l.held.n > 0:
			from = &l.held
		default:
			return nil, nil
		}
		q := from.head
		if q.conn != nil && (!q.idempotent || q.resent) {
			from.remove(q)
			return q, refuseLost
		}
		r, ok := q.request()
		if !ok {
			from.remove(q)
			return q, refuseTooLate
		}
		v := p.view.Load()
		to, ok := v.table.Lookup(q.id)
		if !ok {
			from.remove(q)
			return q, refuseNobody
		}
		if l.flying.n > 0 && !v.follows(l, to) {
			return nil, nil // held until those in flight are answered
		}
		from.remove(q)
		lost := q.conn
		q.resent = lost != nil
		switch why := p.launch(v, to, q, &r, lost); {
		case why == refuseNotYet:
			from.pushFront(q)
			return nil, nil
		case why != nil:
			return q, why
		case q.resent:
			p.metrics.resent.Inc()
		}
	}
}
