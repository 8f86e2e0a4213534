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

// itemCost is what an item takes besides its bytes.
const itemCost = 32

// cost is how much memory the item keeps, which is what the queue is bounded by:
// of a frame for one receiver the whole buffer, of a push that many receivers
// share its bytes.
func (i item) cost() int {
	switch {
	case i.own != nil:
		return cap(i.own.b) + itemCost
	case i.msg != nil:
		return len(i.msg.frame) + itemCost
	}
	return 0
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
// by limit bytes; it is empty most of the time and then holds next to
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
func (q *queue) fits(n, limit int) bool { return q.bytes == 0 || q.bytes+n <= limit }

// addOwn appends a frame that must not be dropped.
func (q *queue) addOwn(f *frame, limit int, s *Stats) outcome {
	i := item{own: f}
	if n := i.cost(); !q.fits(n, limit) && !q.makeRoom(n, limit, s) {
		return tooSlow
	}
	q.push(i)
	return queued
}

// addMessage appends m, or what its class says where it does not fit.
func (q *queue) addMessage(m *Message, limit int, s *Stats) outcome {
	i := item{msg: m}
	if m.delivery.Class == route.Latest && q.replace(i, limit, s) {
		return queued
	}
	if n := i.cost(); !q.fits(n, limit) && !q.makeRoom(n, limit, s) {
		if m.delivery.Class == route.Reliable {
			return tooSlow
		}
		s.Dropped[m.delivery.Class].Add(1)
		return dropped
	}
	if q.latest != nil && m.delivery.Class == route.Latest {
		q.latest[latestKey{m.id, m.delivery.Key}] = q.gone + len(q.items)
	}
	q.push(i)
	return queued
}

func (q *queue) push(i item) {
	if q.head > 32 && q.head > len(q.items)/2 { // at least half of the slice is dead
		q.gone += q.head
		q.items = append(q.items[:0], q.items[q.head:]...)
		q.head = 0
	}
	q.items = append(q.items, i)
	q.bytes += i.cost()
}

// replace puts i in the place of the waiting message with its key, if there is one
// and i fits.
func (q *queue) replace(i item, limit int, s *Stats) bool {
	if q.empty() {
		return false
	}
	if q.latest == nil {
		q.findLatest()
	}
	key := latestKey{i.msg.id, i.msg.delivery.Key}
	at, ok := q.latest[key]
	if !ok {
		return false
	}
	old := &q.items[at-q.gone]
	s.Dropped[route.Latest].Add(1)
	q.bytes -= old.cost()
	if !q.fits(i.cost(), limit) {
		delete(q.latest, key)
		*old = item{}
		return false
	}
	q.bytes += i.cost()
	*old = i
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
func (q *queue) makeRoom(n, limit int, s *Stats) bool {
	i := max(q.head, q.oldest-q.gone)
	for ; i < len(q.items) && !q.fits(n, limit); i++ {
		if m := q.items[i].msg; m != nil && m.delivery.Class == route.DropOldest {
			q.bytes -= q.items[i].cost()
			q.items[i] = item{}
			s.Dropped[route.DropOldest].Add(1)
		}
	}
	q.oldest = q.gone + i
	return q.fits(n, limit)
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
				q.bytes -= i.cost()
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
		q.bytes -= i.cost()
		if i.own != nil {
			i.own.free()
		}
		q.items[q.head] = item{}
	}
	q.rest()
}
