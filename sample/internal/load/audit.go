package load

import "fmt"

// Audit is what the books say in the end.
type Audit struct {
	Expected   int64 // deliveries that were due
	Received   int64 // of those
	Duplicates int64
	OutOfOrder int64
	Faults     []string // a few of what went wrong, for people
}

// Lost is how many deliveries that were due never came.
func (a Audit) Lost() int64 { return a.Expected - a.Received }

// OK reports whether everything that was due came, once and in order.
func (a Audit) OK() bool { return a.Lost() == 0 && a.Duplicates == 0 && a.OutOfOrder == 0 }

// maxFaults is how many faults an audit tells of.
const maxFaults = 10

// Audit goes through the books. Nobody may write into them any more.
func (l *Ledger) Audit() Audit {
	var a Audit
	for uid, s := range l.senders {
		for _, r := range l.rooms[s.room] {
			a.add(r, uid, s, l.base)
		}
	}
	for _, rs := range l.rooms {
		for _, r := range rs {
			a.Duplicates += int64(r.duplicates)
			a.OutOfOrder += int64(r.outOfOrder)
			if r.duplicates+r.outOfOrder > 0 {
				a.fault("%s heard %d messages twice, %d out of order", r.uid, r.duplicates, r.outOfOrder)
			}
		}
	}
	return a
}

// add compares what the sender sent with what the receiver heard of it.
func (a *Audit) add(r *Receiver, uid string, s *sender, base uint64) {
	h := r.heard[s]
	if h == nil {
		h = &heard{}
	}
	due := len(s.sent)
	if r.lost.Load() {
		due = min(due, h.next)
	}
	for i, m := range s.sent[:due] {
		if !m.ok {
			continue
		}
		a.Expected++
		if h.has(i) {
			a.Received++
		} else {
			a.fault("%s never heard message %d of %s", r.uid, base+uint64(i), uid)
		}
	}
}

func (a *Audit) fault(format string, args ...any) {
	if len(a.Faults) < maxFaults {
		a.Faults = append(a.Faults, fmt.Sprintf(format, args...))
	}
}
