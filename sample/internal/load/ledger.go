package load

import (
	"sync"
	"sync/atomic"
	"time"
)

// Ledger knows what was sent and who heard it. A message is known by its sender
// and nonce. Nonces of a sender count up by 1 from a base that is the run's, so
// that messages of an earlier run are told apart.
type Ledger struct {
	base     uint64
	senders  map[string]*sender // by uid; read only
	rooms    map[string][]*Receiver
	expected atomic.Int64
	received atomic.Int64
}

// sender is what one client sent.
type sender struct {
	mu   sync.Mutex
	room string
	sent []sent // of nonce base+i at index i
}

type sent struct {
	at time.Time
	ok bool // answered OK
}

// NewLedger returns the books of the members. base differs from run to run.
func NewLedger(base uint64, members []Member) *Ledger {
	l := &Ledger{base: base, senders: make(map[string]*sender), rooms: make(map[string][]*Receiver)}
	for _, m := range members {
		l.senders[m.UID] = &sender{room: m.Room}
		l.rooms[m.Room] = append(l.rooms[m.Room], &Receiver{
			ledger: l, uid: m.UID, room: m.Room, heard: make(map[*sender]*heard),
		})
	}
	return l
}

// Receiver returns the books of one member.
func (l *Ledger) Receiver(m Member) *Receiver {
	for _, r := range l.rooms[m.Room] {
		if r.uid == m.UID {
			return r
		}
	}
	return nil
}

// Send enters a message of uid that is about to be sent, and returns its nonce.
func (l *Ledger) Send(uid string, at time.Time) uint64 {
	s := l.senders[uid]
	s.mu.Lock()
	defer s.mu.Unlock()
	s.sent = append(s.sent, sent{at: at})
	return l.base + uint64(len(s.sent)-1)
}

// OK enters that the message was answered OK: whoever is connected must hear it.
func (l *Ledger) OK(uid string, nonce uint64) {
	s := l.senders[uid]
	s.mu.Lock()
	s.sent[nonce-l.base].ok = true
	s.mu.Unlock()
	for _, r := range l.rooms[s.room] {
		if !r.lost.Load() {
			l.expected.Add(1)
		}
	}
}

// Counts returns how many deliveries are due so far, and how many came. More may
// have come than are due: also a message whose answer was lost is heard.
func (l *Ledger) Counts() (expected, received int64) {
	return l.expected.Load(), l.received.Load()
}

// find returns the message's sender and index, and when it was sent.
func (l *Ledger) find(uid string, nonce uint64) (s *sender, i int, at time.Time) {
	s, ok := l.senders[uid]
	if !ok || nonce < l.base {
		return nil, 0, time.Time{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if nonce-l.base >= uint64(len(s.sent)) {
		return nil, 0, time.Time{}
	}
	i = int(nonce - l.base)
	return s, i, s.sent[i].at
}
