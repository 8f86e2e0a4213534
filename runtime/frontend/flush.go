package frontend

import (
	"runtime"
	"slices"
	"sync"
)

// flusher writes to many sockets on a few goroutines, for one system call per
// receiver is what a push to many costs.
type flusher struct {
	jobs    chan []*session
	workers sync.WaitGroup
	chunks  sync.Pool

	mu     sync.RWMutex
	closed bool
}

// A push to fewer than few sessions is written by its deliverer; one to more, in
// chunks.
const (
	few       = 16
	chunkSize = 128
)

func newFlusher() *flusher {
	n := runtime.GOMAXPROCS(0)
	f := &flusher{jobs: make(chan []*session, 4*n)}
	for range n {
		f.workers.Go(f.work)
	}
	return f
}

// flush writes what waits for the sessions, soon. It keeps no reference to list.
func (f *flusher) flush(list []*session) {
	if len(list) < few {
		flushAll(list)
		return
	}
	f.mu.RLock()
	defer f.mu.RUnlock()
	if f.closed {
		flushAll(list)
		return
	}
	for part := range slices.Chunk(list, chunkSize) {
		chunk, _ := f.chunks.Get().(*[]*session)
		if chunk == nil {
			chunk = new([]*session)
		}
		f.jobs <- append((*chunk)[:0], part...)
	}
}

func flushAll(list []*session) {
	for _, s := range list {
		s.c.Flush()
	}
}

func (f *flusher) work() {
	for list := range f.jobs {
		flushAll(list)
		clear(list)
		f.chunks.Put(&list)
	}
}

// close waits for what was handed to flush.
func (f *flusher) close() {
	f.mu.Lock()
	f.closed = true
	close(f.jobs)
	f.mu.Unlock()
	f.workers.Wait()
}
