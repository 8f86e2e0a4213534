package link

import "sync"

// workers run tasks on a bounded number of goroutines, which are kept, since a
// goroutine that has grown its stack is worth keeping. The queue before them is
// bounded by who submits.
//
// One worker at a time is on its way to the queue; who takes a task from it calls
// the next one if more is there. So a burst of short tasks wakes few goroutines,
// and a task that blocks delays none but itself.
type workers struct {
	limit int
	loops sync.WaitGroup

	mu     sync.Mutex
	wake   sync.Cond
	queue  []task // a ring
	first  int
	n      int
	count  int  // goroutines
	idle   int  // of them, those that wait
	coming bool // one was woken or started and has not taken a task yet
	closed bool
}

// task is run once per submit.
type task interface{ run(*worker) }

// worker is what a task may use while it runs.
type worker struct {
	*workers
	buf []byte // scratch
}

func newWorkers(limit int) *workers {
	w := &workers{limit: limit, queue: make([]task, 64)}
	w.wake.L = &w.mu
	return w
}

// submit queues a task. It never blocks.
func (w *workers) submit(t task) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.n == len(w.queue) {
		larger := make([]task, 2*w.n)
		copy(larger[copy(larger, w.queue[w.first:]):], w.queue[:w.first])
		w.queue, w.first = larger, 0
	}
	w.queue[(w.first+w.n)%len(w.queue)] = t
	w.n++
	w.call()
}

// call brings one more worker, unless one is coming. It is called with mu held.
func (w *workers) call() {
	switch {
	case w.coming || w.n == 0:
	case w.idle > 0:
		w.coming = true
		w.wake.Signal()
	case w.count < w.limit:
		w.coming = true
		w.count++
		w.loops.Go(w.work)
	}
}

func (w *workers) work() {
	me := &worker{workers: w}
	w.mu.Lock()
	defer w.mu.Unlock()
	first := true
	for {
		for w.n == 0 && !w.closed {
			if first {
				w.coming = false
			}
			w.idle++
			w.wake.Wait()
			w.idle--
			first = true // whoever is woken was called
		}
		if w.n == 0 {
			return
		}
		if first {
			w.coming, first = false, false
		}
		t := w.take()
		w.call()
		w.mu.Unlock()
		t.run(me)
		w.mu.Lock()
	}
}

// take returns the oldest task. It is called with mu held.
func (w *workers) take() task {
	t := w.queue[w.first]
	w.queue[w.first] = nil
	w.first = (w.first + 1) % len(w.queue)
	w.n--
	return t
}

// close waits until all tasks have run, and ends the goroutines.
func (w *workers) close() {
	w.mu.Lock()
	w.closed = true
	w.wake.Broadcast()
	w.mu.Unlock()
	w.loops.Wait()
}
