package conn

import (
	"fmt"
	"slices"
	"testing"

	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/wire"
)

// message returns a push of 100 bytes.
func message(class route.Class, key string, expires int64) *Message {
	m := NewMessage(wire.Proto, &wire.Packet{ID: 100, Error: key}, Delivery{Class: class, Key: key, Expires: expires})
	m.frame = append(m.frame, make([]byte, 100-len(m.frame))...)
	return m
}

// contents pops everything and returns the keys.
func contents(q *queue, s *Stats) []string {
	keys := []string{}
	for {
		i, ok := q.pop(func() int64 { return 1000 }, s)
		if !ok {
			return keys
		}
		q.bytes -= i.cost()
		keys = append(keys, i.msg.delivery.Key)
	}
}

func TestQueueFollowsDeliveryClass(t *testing.T) {
	const R, L, D = route.Reliable, route.Latest, route.DropOldest
	type add struct {
		class   route.Class
		key     string
		expires int64
		want    outcome
	}
	for _, c := range []struct {
		name    string
		adds    []add // into a queue for three
		want    []string
		dropped [3]uint64
		expired uint64
	}{
		{"reliable stays in order", []add{{R, "a", 0, queued}, {R, "b", 0, queued}}, []string{"a", "b"}, [3]uint64{}, 0},
		{"reliable that does not fit", []add{{R, "a", 0, queued}, {L, "b", 0, queued}, {R, "c", 0, queued}, {R, "d", 0, tooSlow}}, []string{"a", "b", "c"}, [3]uint64{}, 0},
		{"latest takes the place", []add{{L, "a", 0, queued}, {R, "b", 0, queued}, {L, "a", 0, queued}}, []string{"a", "b"}, [3]uint64{0, 1, 0}, 0},
		{"latest takes the place in a full queue", []add{{L, "a", 0, queued}, {R, "b", 0, queued}, {R, "c", 0, queued}, {L, "a", 0, queued}}, []string{"a", "b", "c"}, [3]uint64{0, 1, 0}, 0},
		{"latest that does not fit", []add{{R, "a", 0, queued}, {R, "b", 0, queued}, {R, "c", 0, queued}, {L, "d", 0, dropped}}, []string{"a", "b", "c"}, [3]uint64{0, 1, 0}, 0},
		{"oldest goes first", []add{{D, "a", 0, queued}, {D, "b", 0, queued}, {R, "c", 0, queued}, {D, "d", 0, queued}, {D, "e", 0, queued}}, []string{"c", "d", "e"}, [3]uint64{0, 0, 2}, 0},
		{"reliable pushes the oldest out", []add{{R, "a", 0, queued}, {D, "b", 0, queued}, {D, "c", 0, queued}, {R, "d", 0, queued}}, []string{"a", "c", "d"}, [3]uint64{0, 0, 1}, 0},
		{"drop oldest among others", []add{{R, "a", 0, queued}, {R, "b", 0, queued}, {R, "c", 0, queued}, {D, "d", 0, dropped}}, []string{"a", "b", "c"}, [3]uint64{0, 0, 1}, 0},
		{"expired while waiting", []add{{R, "a", 999, queued}, {R, "b", 1001, queued}, {L, "c", 5, queued}}, []string{"b"}, [3]uint64{}, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			var q queue
			var s Stats
			for _, a := range c.adds {
				if got := q.addMessage(message(a.class, a.key, a.expires), 3*(100+itemCost), &s); got != a.want {
					t.Errorf("%s: got %v, want %v", a.key, got, a.want)
				}
			}
			if got := contents(&q, &s); !slices.Equal(got, c.want) {
				t.Errorf("got %v, want %v", got, c.want)
			}
			for i, want := range c.dropped {
				if got := s.Dropped[i].Load(); got != want {
					t.Errorf("class %d: got %d drops, want %d", i, got, want)
				}
			}
			if got := s.Expired.Load(); got != c.expired {
				t.Errorf("got %d expired, want %d", got, c.expired)
			}
			if q.bytes != 0 {
				t.Errorf("got %d bytes in an empty queue", q.bytes)
			}
		})
	}
}

// TestQueueIsAList runs the queue beside the list that it is, through the cutting
// off of its front.
func TestQueueIsAList(t *testing.T) {
	var q queue
	var s Stats
	var want []string
	for i := range 2000 {
		key := fmt.Sprint(i % 7)
		class := route.Class(i % 3)
		if at := slices.Index(want, fmt.Sprint(class, key)); class != route.Latest || at < 0 {
			want = append(want, fmt.Sprint(class, key))
		}
		q.addMessage(message(class, key, 0), 1<<20, &s)
		if i%3 == 2 || i%5 == 0 {
			got, ok := q.pop(nowMS, &s)
			if !ok {
				t.Fatal("queue is empty too early")
			}
			q.bytes -= got.cost()
			if text := fmt.Sprint(got.msg.delivery.Class, got.msg.delivery.Key); text != want[0] {
				t.Fatalf("step %d: got %s, want %s", i, text, want[0])
			}
			want = want[1:]
		}
	}
	if got := len(contents(&q, &s)); got != len(want) {
		t.Errorf("got %d left, want %d", got, len(want))
	}
}

func TestQueueLetsOneGreatFrameThrough(t *testing.T) {
	var q queue
	var s Stats
	m := message(route.Reliable, "a", 0)
	if got := q.addMessage(m, 10, &s); got != queued {
		t.Errorf("got %v, want queued: nothing waits before it", got)
	}
	if got := q.addMessage(m, 10, &s); got != tooSlow {
		t.Errorf("got %v, want too slow", got)
	}
}
