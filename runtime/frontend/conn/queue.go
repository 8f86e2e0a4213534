package conn

import (
	"github.com/hawos/hawos/runtime/route"
)

// item is one waiting frame: own or msg is set, or neither where a message was
// taken out again.
type item struct {
	own *frame
	msg *Message
}

func (i item) bytes() []byte {
	switch {
	case i.own != nil:
		return i.own.bytes()
	case i.msg != nil:
		return i.msg.frame
	}
	return nil
}

// queue holds the frames that wait for a client, in order. Its memory is bounded
// by max bytes of frames; it is empty most of the time and then holds next to
// nothing. The socket's mutex guards it.
type queue struct {
	items []item
	head  int // items before it are gone
	gone  int // items that were cut off the front of the slice; head and positions below count from there
	bytes int // waiting or being written

	latest map[latestKey]int // position of waiting route.Latest messages, counted from the first item ever; nil: unknown
	oldest int               // position before which no route.DropOldest waits, counted likewise
}

type latestKey struct {
	id  uint32
	key string
}

// outcome says what became of a message.
type outcome int

const (
	queued  outcome = iota
	dropped         // by its class
	tooSlow         // it may not be dropped and does not fit
)

func (q *queue) empty() bool { return q.head == len(q.items) }

// fits reports whether n more bytes may wait. A client that has nothing waiting
// may be sent anything.
func (q *queue) fits(n, max int) bool { return q.bytes == 0 || q.bytes+n <= max }

// addOwn appends a frame that must not be dropped.
func (q *queue) addOwn(f *frame, max int, s *Stats) outcome {
	n := len(f.bytes())
	if !q.fits(n, max) && !q.makeRoom(n, max, s) {
		return tooSlow
	}
	q.push(item{own: f}, n)
	return queued
}

// addMessage appends m, or what its class says where it does not fit.
func (q *queue) addMessage(m *Message, max int, s *Stats) outcome {
	n := len(m.frame)
	if m.delivery.Class == route.Latest && q.replace(m, max, s) {
		return queued
	}
	if !q.fits(n, max) && !q.makeRoom(n, max, s) {
		if m.delivery.Class == route.Reliable {
			return tooSlow
		}
		s.Dropped[m.delivery.Class].Add(1)
		return dropped
	}
	if q.latest != nil && m.delivery.Class == route.Latest {
		q.latest[latestKey{m.id, m.delivery.Key}] = q.gone + len(q.items)
	}
	q.push(item{msg: m}, n)
	return queued
}

func (q *queue) push(i item, n int) {
	if q.head > 32 && q.head > len(q.items)/2 { // at least half of the slice is dead
		q.gone += q.head
		q.items = append(q.items[:0], q.items[q.head:]...)
		q.head = 0
	}
	q.items = append(q.items, i)
	q.bytes += n
}

// replace puts m in the place of the waiting message with its key, if there is
// one and m fits.
func (q *queue) replace(m *Message, max int, s *Stats) bool {
	if q.empty() {
		return false
	}
	if q.latest == nil {
		q.findLatest()
	}
	key := latestKey{m.id, m.delivery.Key}
	at, ok := q.latest[key]
	if !ok {
		return false
	}
	old := &q.items[at-q.gone]
	s.Dropped[route.Latest].Add(1)
	q.bytes -= len(old.msg.frame)
	if !q.fits(len(m.frame), max) {
		delete(q.latest, key)
		*old = item{}
		return false
	}
	q.bytes += len(m.frame)
	*old = item{msg: m}
	return true
}

// findLatest enters what waits already. It runs once per time that the queue is
// not empty.
func (q *queue) findLatest() {
	q.latest = map[latestKey]int{}
	for i := q.head; i < len(q.items); i++ {
		if m := q.items[i].msg; m != nil && m.delivery.Class == route.Latest {
			q.latest[latestKey{m.id, m.delivery.Key}] = q.gone + i
		}
	}
}

// makeRoom drops the oldest route.DropOldest messages until n bytes fit.
func (q *queue) makeRoom(n, max int, s *Stats) bool {
	i := q.head + 0
	if q.oldest-q.gone > i {
		i = q.oldest - q.gone
	}
	for ; i < len(q.items) && !q.fits(n, max); i++ {
		if m := q.items[i].msg; m != nil && m.delivery.Class == route.DropOldest {
			q.bytes -= len(m.frame)
			q.items[i] = item{}
			s.Dropped[route.DropOldest].Add(1)
		}
	}
	q.oldest = q.gone + i
	return q.fits(n, max)
}

// pop returns the first frame that is still wanted. Its bytes count as being
// written until done.
func (q *queue) pop(now func() int64, s *Stats) (item, bool) {
	for !q.empty() {
		i := q.items[q.head]
		q.items[q.head] = item{}
		q.head++
		if m := i.msg; m != nil {
			if q.latest != nil && m.delivery.Class == route.Latest {
				delete(q.latest, latestKey{m.id, m.delivery.Key})
			}
			if m.delivery.Expires != 0 && now() > m.delivery.Expires {
				q.bytes -= len(m.frame)
				s.Expired.Add(1)
				continue
			}
		}
		if i.own != nil || i.msg != nil {
			return i, true
		}
	}
	q.rest()
	return item{}, false
}

// keptItems is how many items an empty queue keeps room for.
const keptItems = 16

// rest gives back what an empty queue does not need.
func (q *queue) rest() {
	if cap(q.items) > keptItems {
		q.items = nil
	}
	q.items, q.head, q.gone, q.oldest, q.latest = q.items[:0], 0, 0, 0, nil
}

// clear drops everything that waits. What is being written still counts.
func (q *queue) clear() {
	for ; !q.empty(); q.head++ {
		i := q.items[q.head]
		q.bytes -= len(i.bytes())
		if i.own != nil {
			i.own.free()
		}
		q.items[q.head] = item{}
	}
	q.rest()
}
