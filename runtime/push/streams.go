package push

import (
	"iter"
	"time"
)

// maxProducers is how many producers a lane remembers. With more it forgets the
// one that was silent longest, and would take its doubles for new.
const maxProducers = 4096

// producerStreams are the streams of a producer's run and of the one before,
// whose last pushes a queue without order may bring late.
type producerStreams struct {
	current, previous *stream
	seen              time.Time
}

// stream returns the stream of a producer's run. A new run begins anew.
func (l *lane) stream(producer, epoch string, now time.Time) *stream {
	p := l.producers[producer]
	if p == nil {
		if len(l.producers) >= maxProducers {
			l.forget()
		}
		p = &producerStreams{}
		l.producers[producer] = p
	}
	p.seen = now
	switch {
	case p.current != nil && p.current.epoch == epoch:
		return p.current
	case p.previous != nil && p.previous.epoch == epoch:
		return p.previous
	}
	for p.previous != nil && len(p.previous.held) > 0 {
		for _, e := range p.previous.giveUp(now, &l.o, l.metrics) {
			l.handOut(e)
		}
	}
	p.current, p.previous = &stream{epoch: epoch}, p.current
	return p.current
}

// forget drops the producer that was silent longest.
func (l *lane) forget() {
	var oldest string
	for name, p := range l.producers {
		if oldest == "" || p.seen.Before(l.producers[oldest].seen) {
			oldest = name
		}
	}
	delete(l.producers, oldest)
}

// waiting yields the streams that hold pushes back.
func (l *lane) waiting() iter.Seq[*stream] {
	return func(yield func(*stream) bool) {
		for _, p := range l.producers {
			for _, s := range []*stream{p.current, p.previous} {
				if s != nil && len(s.held) > 0 && !yield(s) {
					return
				}
			}
		}
	}
}
