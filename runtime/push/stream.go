package push

import (
	"time"

	"github.com/hawos/hawos/runtime/hawospb"
)

// maxMissing is how many pushes given up per stream are still welcome when they
// come late.
const maxMissing = 1024

// stream is what one run of a producer publishes to one topic.
type stream struct {
	epoch    string
	next     uint64                       // seq that is due; 0 until the first one is known
	held     map[uint64]*hawospb.Envelope // came before their turn; nil or by seq
	skips    int                          // how many of held have Skipped
	deadline time.Time                    // while some are held: when to go on without the missing ones
	missing  map[uint64]bool              // given up; nil or by seq
	ready    []*hawospb.Envelope          // what arrive and giveUp return
}

// follow is arrive for a queue that keeps the order: it reports whether e is new.
func (s *stream) follow(e *hawospb.Envelope, m *consumerMetrics) bool {
	if e.GetSeq() < s.next {
		m.doubles.Inc()
		return false
	}
	if due := e.GetSeq() - e.GetSkipped(); s.next != 0 && due > s.next {
		m.lost.Add(float64(due - s.next))
	}
	s.next = e.GetSeq() + 1
	return true
}

// arrive returns what e's arrival makes ready, in order, valid until the next
// call.
func (s *stream) arrive(e *hawospb.Envelope, now time.Time, o *ConsumerOptions, m *consumerMetrics) []*hawospb.Envelope {
	s.ready = s.ready[:0]
	seq := e.GetSeq()
	due := seq - e.GetSkipped() // the first one that e makes up for
	switch {
	case s.missing[seq]:
		delete(s.missing, seq)
		m.late.Inc()
		return append(s.ready, e)
	case seq < s.next || s.held[seq] != nil:
		m.doubles.Inc()
		return nil
	case s.next == 0 && due == 1:
		s.next = 1 // the very beginning
	}
	if s.next != 0 && due <= s.next && len(s.held) == 0 {
		s.next = seq + 1
		return append(s.ready, e)
	}
	s.hold(e, now, o)
	s.release(now, o)
	if len(s.held) > o.MaxHeld {
		s.skipGap(m)
		s.release(now, o)
	}
	if s.next == 0 || seq >= s.next {
		m.reordered.Inc()
	}
	return s.ready
}

func (s *stream) hold(e *hawospb.Envelope, now time.Time, o *ConsumerOptions) {
	if s.held == nil {
		s.held = map[uint64]*hawospb.Envelope{}
	}
	if len(s.held) == 0 {
		s.deadline = now.Add(o.GapWait)
		if s.next == 0 { // perhaps nothing is missing: we only came late
			s.deadline = now.Add(o.GapWait / 10)
		}
	}
	if e.GetSkipped() > 0 {
		s.skips++
	}
	s.held[e.GetSeq()] = e
}

// release moves from held to ready what is due.
func (s *stream) release(now time.Time, o *ConsumerOptions) {
	before := len(s.ready)
	for len(s.held) > 0 && s.next != 0 {
		e := s.held[s.next]
		if e == nil && s.skips > 0 {
			e = s.firstHeld()
			if e.GetSeq()-e.GetSkipped() > s.next {
				break
			}
		}
		if e == nil {
			break
		}
		if e.GetSkipped() > 0 {
			s.skips--
		}
		delete(s.held, e.GetSeq())
		s.next = e.GetSeq() + 1
		s.ready = append(s.ready, e)
	}
	if len(s.ready) > before && len(s.held) > 0 {
		s.deadline = now.Add(o.GapWait) // another gap, another wait
	}
}

// giveUp returns what can go on without the missing ones.
func (s *stream) giveUp(now time.Time, o *ConsumerOptions, m *consumerMetrics) []*hawospb.Envelope {
	s.ready = s.ready[:0]
	if len(s.held) > 0 {
		s.skipGap(m)
		s.release(now, o)
	}
	return s.ready
}

// skipGap makes the first held one due.
func (s *stream) skipGap(m *consumerMetrics) {
	first := s.firstHeld()
	due := first.GetSeq() - first.GetSkipped()
	if s.next != 0 && due > s.next {
		m.lost.Add(float64(due - s.next))
		s.forgive(s.next, due)
	}
	s.next = first.GetSeq()
}

// forgive notes that from … to-1 may still come.
func (s *stream) forgive(from, to uint64) {
	from = max(from, to-min(to, maxMissing))
	if s.missing == nil || len(s.missing)+int(to-from) > maxMissing {
		s.missing = make(map[uint64]bool, to-from)
	}
	for ; from < to; from++ {
		s.missing[from] = true
	}
}

func (s *stream) firstHeld() *hawospb.Envelope {
	var first *hawospb.Envelope
	for _, e := range s.held {
		if first == nil || e.GetSeq() < first.GetSeq() {
			first = e
		}
	}
	return first
}
