package link

import "sync"

// turn is how many requests of one strand run before others get the worker.
const turn = 32

// strand runs requests one after another. It has no goroutine: while it holds
// requests it is queued at the workers, or runs on one.
type strand struct {
	mu         *sync.Mutex
	head, tail *call
	running    bool
	empty      func() // called with mu held when nothing is left; nil: nothing
}

// add queues a request, and reports whether the strand is to be submitted. It is
// called with mu held.
func (t *strand) add(k *call) bool {
	if t.tail == nil {
		t.head = k
	} else {
		t.tail.next = k
	}
	t.tail = k
	idle := !t.running
	t.running = true
	return idle
}

func (t *strand) next() *call {
	t.mu.Lock()
	defer t.mu.Unlock()
	k := t.head
	if k == nil {
		t.running = false
		if t.empty != nil {
			t.empty()
		}
		return nil
	}
	t.head = k.next
	if t.head == nil {
		t.tail = nil
	}
	k.next = nil
	return k
}

// run implements task.
func (t *strand) run(w *worker) {
	for range turn {
		k := t.next()
		if k == nil {
			return
		}
		k.run(w)
	}
	w.submit(t)
}

// keys are the strands of order KEY, one for each key that has requests.
type keys struct {
	mu      sync.Mutex
	strands map[keyName]*strand
}

// keyName is a key of one service.
type keyName struct{ service, key string }

// add queues a request behind those with the same key, and returns the strand
// where it is to be submitted.
func (s *keys) add(name keyName, k *call) *strand {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.strands[name]
	if t == nil {
		t = &strand{mu: &s.mu, empty: func() { delete(s.strands, name) }}
		if s.strands == nil {
			s.strands = map[keyName]*strand{}
		}
		s.strands[name] = t
	}
	if t.add(k) {
		return t
	}
	return nil
}
