package load

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hawos/hawos/bench/control"
)

// pushes makes one push after another, each when all connections have the one
// before. The first ones are not measured.
func (r *run) pushes(ctx context.Context) error {
	var readers sync.WaitGroup
	var begun atomic.Int64 // when the push that travels began
	var got atomic.Int64
	complete := make(chan struct{}, 1)
	for _, c := range r.clients {
		readers.Go(func() {
			var buf []byte
			for {
				b, err := c.next(buf)
				if err != nil {
					return // what is missing is counted as lost
				}
				buf = b
				r.latency.Add(time.Duration(time.Now().UnixNano() - begun.Load()))
				if got.Add(1)%int64(len(r.clients)) == 0 {
					complete <- struct{}{}
				}
			}
		})
	}
	defer readers.Wait()
	defer r.close()
	push := func() error {
		begun.Store(time.Now().UnixNano())
		if err := control.Push(ctx, r.o.Pusher); err != nil {
			return err
		}
		select {
		case <-complete:
			return nil
		case <-time.After(10 * time.Second):
			return fmt.Errorf("push: %d of %d deliveries after 10 s", got.Load()%int64(len(r.clients)), len(r.clients))
		}
	}
	for range max(r.o.Pushes/4, 1) {
		if err := push(); err != nil {
			return err
		}
	}
	return r.measurePushes(ctx, push)
}

func (r *run) measurePushes(ctx context.Context, push func() error) error {
	before, err := control.FetchAll(ctx, r.o.Watch)
	if err != nil {
		return err
	}
	r.latency.Reset()
	self, start := control.Self(), time.Now()
	for range r.o.Pushes {
		if err := push(); err != nil {
			return err
		}
	}
	r.result.Elapsed = time.Since(start)
	r.result.Requests = uint64(r.o.Pushes * len(r.clients))
	return r.cost(ctx, before, self)
}

// idle leaves the connections alone for the measured time, after one request of
// each where one is in flight.
func (r *run) idle(ctx context.Context, before map[string]control.Stats) error {
	for _, c := range r.clients {
		if r.o.InFlight == 0 {
			break
		}
		c.start()
		if err := c.ok(); err != nil {
			return err
		}
	}
	r.result.Before = before
	start := time.Now()
	wait(ctx, r.o.Duration)
	r.result.Elapsed = time.Since(start)
	return r.cost(ctx, before, control.Self())
}
