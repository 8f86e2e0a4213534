package frontend

import (
	"context"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/hawospb"
)

// forwarder sends pushes on to the frontends that their uids are at by now: one
// hop, past the queue. It works on one goroutine, so that pushes keep their order.
type forwarder struct {
	f     *Frontend
	queue chan *hawospb.Envelope
	work  sync.WaitGroup
}

// forwardQueue is how many pushes wait to be forwarded; more are dropped.
const forwardQueue = 4096

// forwardTimeout is how long one of them may take.
const forwardTimeout = time.Second

func newForwarder(f *Frontend) *forwarder {
	w := &forwarder{f: f, queue: make(chan *hawospb.Envelope, forwardQueue)}
	w.work.Go(func() {
		for e := range w.queue {
			w.send(e)
		}
	})
	return w
}

// add queues the push for uids that are not here, unless it was forwarded already.
func (w *forwarder) add(e *hawospb.Envelope, uids []string) {
	if len(uids) == 0 {
		return
	}
	if e.GetForwarded() {
		w.f.metrics.absent.Add(float64(len(uids)))
		return
	}
	c := proto.CloneOf(e)
	c.Target = &hawospb.Target{Uids: uids}
	select {
	case w.queue <- c:
	default:
		w.f.metrics.absent.Add(float64(len(uids)))
	}
}

// send looks the uids up and hands each frontend its own.
func (w *forwarder) send(e *hawospb.Envelope) {
	if expired(e) {
		w.f.metrics.absent.Add(float64(len(e.GetTarget().GetUids())))
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), forwardTimeout)
	defer cancel()
	uids := e.GetTarget().GetUids()
	places, err := w.f.host.Directory().Lookup(ctx, uids)
	if err != nil {
		w.f.log.Warn("look up the users of a push", "err", err)
		w.f.metrics.absent.Add(float64(len(uids)))
		return
	}
	at := map[string][]string{}
	for i, p := range places {
		if p.Frontend == w.f.place.Frontend || !w.f.peers.alive(p) {
			w.f.metrics.absent.Inc()
			continue
		}
		at[p.Frontend] = append(at[p.Frontend], uids[i])
	}
	for frontend, uids := range at {
		if err := w.f.peers.push(ctx, frontend, e, slices.Clip(uids)); err != nil {
			w.f.log.Warn("forward a push", "frontend", frontend, "err", err)
			w.f.metrics.absent.Add(float64(len(uids)))
			continue
		}
		w.f.metrics.forwarded.Add(float64(len(uids)))
	}
}

// close sends what waits. add must not be called any more.
func (w *forwarder) close() {
	close(w.queue)
	w.work.Wait()
}
