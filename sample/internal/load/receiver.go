package load

import (
	"sync"
	"sync/atomic"
	"time"
)

// Receiver is what one member heard. Its methods may be called concurrently.
type Receiver struct {
	ledger *Ledger
	uid    string
	room   string
	lost   atomic.Bool // was disconnected: nothing new is due to it

	mu         sync.Mutex
	heard      map[*sender]*heard
	duplicates int
	outOfOrder int
}

// heard are the messages of one sender that came, as bits by index.
type heard struct {
	bits []uint64
	next int // index after the highest that came
}

func (h *heard) has(i int) bool { return i/64 < len(h.bits) && h.bits[i/64]&(1<<(i%64)) != 0 }

func (h *heard) set(i int) {
	for i/64 >= len(h.bits) {
		h.bits = append(h.bits, 0)
	}
	h.bits[i/64] |= 1 << (i % 64)
}

// Hear enters a message that came. It returns how long it took since it was
// sent; ok is false where it is none of this run.
func (r *Receiver) Hear(uid string, nonce uint64, now time.Time) (took time.Duration, ok bool) {
	s, i, at := r.ledger.find(uid, nonce)
	if s == nil {
		return 0, false
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	h := r.heard[s]
	if h == nil {
		h = &heard{}
		r.heard[s] = h
	}
	switch {
	case h.has(i):
		r.duplicates++
		return 0, false
	case i < h.next:
		r.outOfOrder++
	default:
		h.next = i + 1
	}
	h.set(i)
	if !r.lost.Load() {
		r.ledger.received.Add(1)
	}
	return now.Sub(at), true
}

// Disconnected ends what is due to the receiver. What it missed before the last
// message that it heard of a sender still counts as lost, because of the order.
func (r *Receiver) Disconnected() { r.lost.Store(true) }
