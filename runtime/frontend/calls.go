package frontend

import (
	"time"

	"google.golang.org/grpc/codes"

	"github.com/hawos/hawos/runtime/wire"
)

// call is one request in flight as the client sees it: until it is answered, be
// it by the instance or because its time is up. The pool keeps it in flight until
// the instance answers.
type call struct {
	tag      uint64
	id, seq  uint32 // seq 0: one-way
	begun    time.Time
	deadline time.Time
}

// begins enters a request and returns its tag, or why it is refused.
func (s *session) begins(id, seq uint32, now time.Time, timeout time.Duration) (uint64, *refusal) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.leaving.Load() {
		r := newRefusal(codes.Unavailable, "the server is stopping").retry(0)
		return 0, &r
	}
	if seq != 0 {
		for i := range s.calls {
			if s.calls[i].seq == seq {
				return 0, &refusal{code: wire.CodeDuplicateSeq, text: "another request in flight has this seq"}
			}
		}
	}
	s.lastTag++
	c := call{tag: s.lastTag, id: id, seq: seq, begun: now, deadline: now.Add(timeout)}
	s.calls = append(s.calls, c)
	s.f.metrics.inFlight.Add(1)
	s.wakeAt(c.deadline)
	return c.tag, nil
}

// settles takes a request out; false where it was answered already.
func (s *session) settles(tag uint64) (call, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := range s.calls {
		if s.calls[i].tag == tag {
			c := s.calls[i]
			s.remove(i)
			return c, true
		}
	}
	return call{}, false
}

// remove takes out one call. The lock is held.
func (s *session) remove(i int) {
	end := len(s.calls) - 1
	s.calls[i] = s.calls[end]
	s.calls = s.calls[:end]
	s.f.metrics.inFlight.Add(-1)
	if s.room != nil {
		close(s.room)
		s.room = nil
	}
}

// answered ends a session that the frontend sends away once nothing is in flight
// any more.
func (s *session) answered() {
	if !s.leaving.Load() {
		return
	}
	s.mu.Lock()
	left := len(s.calls)
	s.mu.Unlock()
	if left == 0 {
		s.c.Close(closeDraining())
	}
}

// leave takes no new requests, and ends the session once those in flight are
// answered.
func (s *session) leave() {
	s.mu.Lock()
	s.leaving.Store(true)
	s.mu.Unlock()
	s.answered()
}

// waitForRoom keeps the reader from reading while the session has as many
// requests in flight as it may have.
func (s *session) waitForRoom() {
	for {
		s.mu.Lock()
		if len(s.calls) < s.f.ws.MaxInFlight {
			s.mu.Unlock()
			return
		}
		if s.room == nil {
			s.room = make(chan struct{})
		}
		room := s.room
		s.mu.Unlock()
		select {
		case <-room:
			s.c.Touch()
		case <-s.c.Done():
			return
		}
	}
}

// wakeAt makes tick run at t or earlier. The lock is held. A timer that runs for
// a request that was answered is left to run: a busy session sets one per timeout
// and not one per request.
func (s *session) wakeAt(t time.Time) {
	if s.ended || t.IsZero() || (!s.alarm.IsZero() && !t.Before(s.alarm)) {
		return
	}
	s.alarm = t
	if s.timer == nil {
		s.timer = time.AfterFunc(time.Until(t), s.tick)
		return
	}
	s.timer.Reset(time.Until(t))
}

// tick answers requests whose time is up, and closes a session whose login or
// token is overdue.
func (s *session) tick() {
	now := time.Now()
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return
	}
	var late []call
	for i := 0; i < len(s.calls); {
		if now.Before(s.calls[i].deadline) {
			i++
			continue
		}
		late = append(late, s.calls[i])
		s.remove(i)
	}
	noLogin, expired := passed(s.loginBy, now), passed(s.expires, now)
	if noLogin || expired { // the session closes: a time that is over must not wake it again and again
		s.loginBy, s.expires = time.Time{}, time.Time{}
	}
	s.alarm = time.Time{}
	for i := range s.calls {
		s.wakeAt(s.calls[i].deadline)
	}
	s.wakeAt(s.loginBy)
	s.wakeAt(s.expires)
	s.mu.Unlock()
	for _, c := range late {
		s.refuse(c.id, c.seq, newRefusal(codes.DeadlineExceeded, "the service did not answer in time"))
	}
	if len(late) > 0 {
		s.answered()
	}
	switch {
	case noLogin:
		s.c.Close(wire.CloseIdle, "no login in time")
	case expired:
		s.c.Close(wire.CloseToken, "token has expired")
	}
}

func passed(t, now time.Time) bool { return !t.IsZero() && !now.Before(t) }
