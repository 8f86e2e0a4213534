package load

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
)

const (
	dialers = 32               // clients that connect at once
	settle  = 10 * time.Second // how long pushes may take after the last reply
)

// Run connects everybody, lets them talk for the plan's duration, waits for what
// is on its way, and reports. An error is about the start: no one talked then.
// When ctx ends early, so does the talk.
func Run(ctx context.Context, p Plan) (Report, error) {
	r := &run{plan: p, ledger: NewLedger(uint64(time.Now().UnixMicro())<<20, p.Members), counts: &counts{}}
	defer r.leave()
	watch, stop := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() { defer close(watched); r.watch(watch) }()
	defer func() { stop(); <-watched }()

	if err := r.connect(ctx); err != nil {
		return Report{}, err
	}
	start := time.Now()
	r.talk(ctx)
	took := time.Since(start)
	r.settle(ctx)
	connected := r.counts.connected.Load()
	r.leave()
	return r.report(connected, took), nil
}

// run is a crowd at work.
type run struct {
	plan    Plan
	ledger  *Ledger
	counts  *counts
	clients []*client
}

func (r *run) connect(ctx context.Context) error {
	h := &http.Client{Timeout: patience, Transport: &http.Transport{MaxIdleConnsPerHost: dialers}}
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(dialers)
	for _, m := range r.plan.Members {
		c := &client{Member: m, ledger: r.ledger, receiver: r.ledger.Receiver(m), counts: r.counts}
		r.clients = append(r.clients, c)
		g.Go(func() error { return c.connect(gctx, h, r.plan.Config) })
	}
	defer h.CloseIdleConnections()
	return g.Wait()
}

func (r *run) talk(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, r.plan.Duration)
	defer cancel()
	var wg sync.WaitGroup
	for _, c := range r.clients {
		wg.Go(func() { c.talk(ctx, r.plan.every()) })
	}
	wg.Wait()
}

// settle waits until everything that is due came, or nothing comes any more.
func (r *run) settle(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, settle)
	defer cancel()
	look := time.NewTicker(50 * time.Millisecond)
	defer look.Stop()
	for {
		if expected, received := r.ledger.Counts(); received >= expected {
			return
		}
		select {
		case <-ctx.Done():
			return
		case <-look.C:
		}
	}
}

// watch tells the progress once a second.
func (r *run) watch(ctx context.Context) {
	start, tick := time.Now(), time.NewTicker(time.Second)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			expected, received := r.ledger.Counts()
			r.plan.Progress(fmt.Sprintf("%3.0fs  connected %d/%d  sent %d  replies %d  pushes %d/%d",
				time.Since(start).Seconds(), r.counts.connected.Load(), len(r.clients),
				r.counts.sent.Load(), r.counts.replied.Load(), received, expected))
		}
	}
}

// leave disconnects everybody; again, it does nothing.
func (r *run) leave() {
	g := errgroup.Group{}
	g.SetLimit(dialers)
	for _, c := range r.clients {
		g.Go(func() error { c.leave(); return nil })
	}
	_ = g.Wait() // no function returns an error
}
