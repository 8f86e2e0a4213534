// Package load drives one websocket server with many cheap connections and
// measures what comes back: requests in a closed loop with a number of them in
// flight per connection, requests in an open loop at a fixed rate, pushes to all
// connections, or connections that do nothing.
package load

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hawos/hawos/bench/control"
)

// Options describe one run. They pass between processes as JSON.
type Options struct {
	Addr     string            // host:port of the websocket server
	Dialect  Dialect           // what connections say
	Conns    int               // connections
	InFlight int               // requests in flight per connection
	Burst    bool              // one write for all requests that are free, else one for each
	Rate     float64           // > 0: open loop, requests per second over all connections
	Warmup   time.Duration     // not measured
	Duration time.Duration     // measured
	Pushes   int               // > 0: no requests; so many pushes, one after another
	Pusher   string            // control address of who pushes
	Idle     bool              // no requests at all: connect, wait for Duration
	Watch    map[string]string // control addresses of the processes whose cost counts
	Trouble  *Trouble          // what befalls a closed loop after it was measured; nil: nothing
}

// Result is what a run measured.
type Result struct {
	Requests uint64 // answered, or pushes received, within the measured time
	Refused  uint64 // of them with a code
	Lost     uint64 // sent and never answered
	Elapsed  time.Duration
	P50      time.Duration
	P99      time.Duration
	P999     time.Duration
	Cost     map[string]control.Stats // by process, what the measured time added
	Before   map[string]control.Stats // of an idle run: before its connections
	Trouble  *Troubled                `json:",omitempty"`
}

// Run connects, warms up, measures and disconnects.
func Run(ctx context.Context, o Options) (Result, error) {
	r := &run{o: o, latency: new(Histogram)}
	var err error
	var before map[string]control.Stats
	if o.Idle {
		if before, err = control.FetchAll(ctx, o.Watch); err != nil {
			return Result{}, err
		}
	}
	defer r.close()
	if err := r.connect(); err != nil {
		return Result{}, err
	}
	switch {
	case o.Idle:
		err = r.idle(ctx, before)
	case o.Pushes > 0:
		err = r.pushes(ctx)
	case o.Trouble != nil:
		err = r.troubled(ctx)
	default:
		err = r.requests(func() error { return r.measure(ctx) })
	}
	r.result.P50, r.result.P99, r.result.P999 = r.latency.Quantile(0.5), r.latency.Quantile(0.99), r.latency.Quantile(0.999)
	return r.result, err
}

// run is one run.
type run struct {
	o       Options
	clients []*client
	latency *Histogram
	result  Result
	gauges  *gauges // nil without trouble

	measuring, over atomic.Bool
	answered        atomic.Uint64
	refused         atomic.Uint64
}

// dialers connect at once: a login waits for the directory.
const dialers = 32

func (r *run) connect() error {
	r.clients = make([]*client, r.o.Conns)
	errs := make(chan error, dialers)
	var next atomic.Int64
	var all sync.WaitGroup
	for range dialers {
		all.Go(func() {
			for {
				n := int(next.Add(1)) - 1
				if n >= len(r.clients) {
					return
				}
				c, err := r.dial(n)
				if err != nil {
					errs <- fmt.Errorf("connection %d: %w", n, err)
					return
				}
				r.clients[n] = c
			}
		})
	}
	all.Wait()
	close(errs)
	return <-errs // nil where there is none
}

func (r *run) close() {
	for _, c := range r.clients {
		if c != nil {
			_ = c.Close()
		}
	}
}

// requests runs the loop, closed or open, while during does the measuring.
func (r *run) requests(during func() error) error {
	var readers, pacers sync.WaitGroup
	errs := make(chan error, len(r.clients))
	for n, c := range r.clients {
		readers.Go(func() { errs <- c.read() })
		if r.o.Rate > 0 {
			pacers.Go(func() { c.pace(n) })
		} else {
			pacers.Go(c.start)
		}
	}
	err := during()
	r.over.Store(true)
	pacers.Wait()
	r.settle()
	readers.Wait()
	close(errs)
	for e := range errs {
		if err == nil {
			err = e
		}
	}
	return err
}

// measure counts for the measured time, and notes what it cost.
func (r *run) measure(ctx context.Context) error {
	wait(ctx, r.o.Warmup)
	before, err := control.FetchAll(ctx, r.o.Watch)
	if err != nil {
		return err
	}
	self, start := control.Self(), time.Now()
	r.measuring.Store(true)
	wait(ctx, r.o.Duration)
	r.measuring.Store(false)
	r.result.Elapsed = time.Since(start)
	r.result.Requests, r.result.Refused = r.answered.Load(), r.refused.Load()
	return r.cost(ctx, before, self)
}

func (r *run) cost(ctx context.Context, before map[string]control.Stats, self control.Stats) error {
	after, err := control.FetchAll(ctx, r.o.Watch)
	if err != nil {
		return err
	}
	r.result.Cost = map[string]control.Stats{"load": control.Self().Sub(self)}
	for name, s := range after {
		r.result.Cost[name] = s.Sub(before[name])
	}
	return nil
}

// patience is how long answers may be late before they count as lost.
const patience = 5 * time.Second

// settle waits for the answers that are missing, then wakes the readers.
func (r *run) settle() {
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(patience); ; <-tick.C {
		r.result.Lost = 0
		for _, c := range r.clients {
			r.result.Lost += uint64(c.waiting.Load())
		}
		if r.result.Lost == 0 || time.Now().After(end) {
			break
		}
	}
	for _, c := range r.clients {
		_ = c.SetReadDeadline(time.Unix(1, 0))
	}
}

func wait(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
	case <-ctx.Done():
	}
}
