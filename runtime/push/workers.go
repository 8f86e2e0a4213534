package push

import (
	"context"
	"sync"
)

// job runs until it has nothing left to do; ctx ends when it should give up.
type job func(ctx context.Context)

// workers runs jobs on goroutines that it uses again, so that their stacks need
// not grow anew. There are as many as jobs ever ran at once.
type workers struct {
	jobs  chan job
	group sync.WaitGroup
	start func(first job)
	stop  func() // ends the context of all jobs and waits for them
}

func newWorkers() *workers {
	ctx, cancel := context.WithCancel(context.Background())
	w := &workers{jobs: make(chan job)}
	w.start = func(first job) { w.group.Go(func() { w.work(ctx, first) }) }
	w.stop = func() {
		cancel()
		w.group.Wait()
	}
	return w
}

// run runs j soon. It must not be called after stop but by a job.
func (w *workers) run(j job) {
	select {
	case w.jobs <- j:
	default:
		w.start(j)
	}
}

func (w *workers) work(ctx context.Context, j job) {
	for {
		j(ctx)
		select {
		case j = <-w.jobs:
		case <-ctx.Done():
			return
		}
	}
}
