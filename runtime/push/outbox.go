package push

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"
)

// outbox holds what waits to be published to one topic.
type outbox struct {
	producer *Producer
	topic    string

	mu      sync.Mutex
	parcels []parcel
	active  bool // a worker publishes

	// The publishing worker alone uses these.
	seq     uint64 // last one given
	skipped uint64 // last ones given in vain
}

// parcel is a send with its target in one topic.
type parcel struct {
	*send
	target []byte
}

func (o *outbox) add(x parcel) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.parcels = append(o.parcels, x)
	if !o.active {
		o.active = true
		o.producer.workers.run(o.publish)
	}
}

// publish publishes what waits, in order, as few messages of the queue.
func (o *outbox) publish(ctx context.Context) {
	for {
		batch := o.take()
		if batch == nil {
			return
		}
		batch, message := o.pack(batch)
		if len(batch) == 0 {
			continue
		}
		err := o.try(ctx, message, len(batch))
		if err != nil {
			// Whether the broker has them nobody knows: their numbers are not
			// used again, and the next envelope says so.
			o.skipped += uint64(len(batch))
			err = fmt.Errorf("publish to %s: %w", o.topic, err)
		} else {
			o.skipped = 0
		}
		for _, x := range batch {
			x.settle(o.producer, err)
		}
	}
}

// take returns the next parcels that fit into one message; nil ends the worker.
func (o *outbox) take() []parcel {
	o.mu.Lock()
	defer o.mu.Unlock()
	n, size := 0, int64(0)
	for n < len(o.parcels) && (n == 0 || size+o.parcels[n].cost <= int64(o.producer.o.MaxBytes)) {
		size += o.parcels[n].cost
		n++
	}
	batch := o.parcels[:n:n]
	o.parcels = o.parcels[n:]
	if n == 0 {
		o.parcels, o.active = nil, false
		return nil
	}
	return batch
}

// pack gives the numbers and returns what it kept with its message. It drops, and
// settles, what nobody waits for any more.
func (o *outbox) pack(batch []parcel) (kept []parcel, message []byte) {
	size := int64(0)
	for _, x := range batch {
		size += x.cost
	}
	message = make([]byte, 0, size) // the broker may keep it
	kept = batch[:0]
	skipped := o.skipped
	for _, x := range batch {
		if x.abandoned.Load() {
			x.settle(o.producer, context.Canceled)
			continue
		}
		o.seq++
		message = appendEnvelope(message, o.seq, skipped, x.target, x.body)
		skipped = 0
		kept = append(kept, x)
	}
	return kept, message
}

// try publishes the message until the broker has it; the same one, so that
// frontends see it is the same.
func (o *outbox) try(ctx context.Context, message []byte, envelopes int) error {
	p := o.producer
	ctx, cancel := context.WithTimeout(ctx, p.o.Timeout)
	defer cancel()
	start := time.Now()
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, 500*time.Millisecond) {
		err := p.o.Broker.Publish(ctx, o.topic, message)
		if err == nil {
			p.metrics.published(envelopes, time.Since(start))
			return nil
		}
		if errors.Is(err, ErrTooLarge) || errors.Is(err, ErrClosed) || ctx.Err() != nil {
			return err
		}
		p.metrics.retries.Inc()
		if wait == 10*time.Millisecond {
			p.o.Log.Warn("publish of pushes refused, trying again", "topic", o.topic, "error", err)
		}
		pause := time.NewTimer(wait)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return err
		}
	}
}
