package link

import (
	"sync"
	"sync/atomic"
	"testing"
)

// job is a task made of a function.
type job func()

func (j job) run(*worker) { j() }

func TestWorkersRunAsManyTasksAtOnceAsTheyMay(t *testing.T) {
	const limit, tasks = 4, 100
	w := newWorkers(limit)
	var running, most atomic.Int64
	var all sync.WaitGroup
	var full sync.WaitGroup // until the first four are in
	full.Add(limit)
	all.Add(tasks)
	for n := range tasks {
		w.submit(job(func() {
			defer all.Done()
			now := running.Add(1)
			for old := most.Load(); now > old && !most.CompareAndSwap(old, now); old = most.Load() {
			}
			if n < limit {
				full.Done()
				full.Wait() // a task that blocks does not keep others from workers
			}
			running.Add(-1)
		}))
	}
	all.Wait()
	w.close()
	if most.Load() != limit {
		t.Errorf("got %d at once, want %d", most.Load(), limit)
	}
}

func TestWorkersKeepTheirGoroutines(t *testing.T) {
	w := newWorkers(100)
	for range 1000 { // one after another
		done := make(chan struct{})
		w.submit(job(func() { close(done) }))
		<-done
	}
	w.mu.Lock()
	count := w.count
	w.mu.Unlock()
	w.close()
	if count > 3 {
		t.Errorf("got %d goroutines for one task at a time", count)
	}
}
