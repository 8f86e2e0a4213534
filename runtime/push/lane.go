package push

import (
	"errors"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/hawospb"
)

// lane is one topic of a consumer.
type lane struct {
	topic   string
	ordered bool
	o       ConsumerOptions
	metrics *consumerMetrics
	deliver func(*hawospb.Envelope)

	mu        sync.Mutex
	closed    bool
	producers map[string]*producerStreams
	bad       uint64 // malformed messages so far
	timer     *time.Timer
	due       time.Time // when the timer fires; zero: it does not run
	fired     sync.WaitGroup
}

// receive takes one message of the queue.
func (l *lane) receive(message []byte) {
	var m hawospb.Envelopes
	err := proto.Unmarshal(message, &m)
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return // the subscription could not be ended in time
	}
	if err != nil {
		l.malformed(err)
		return
	}
	now := time.Now()
	for _, e := range m.GetEnvelopes() {
		if err := check(e); err != nil {
			l.malformed(err)
			continue
		}
		l.add(e, now)
	}
	if !l.ordered {
		l.arm()
	}
}

// check returns an error for an envelope that no Producer wrote.
func check(e *hawospb.Envelope) error {
	t := e.GetTarget()
	switch {
	case e.GetProducer() == "" || e.GetEpoch() == "":
		return errors.New("no producer or epoch")
	case e.GetSeq() == 0 || e.GetSeq() > 1<<62 || e.GetSkipped() >= e.GetSeq():
		return errors.New("seq or skipped out of range")
	case e.GetId() == 0:
		return errors.New("no protocol ID")
	case t.GetGroup() == "" && len(t.GetUids()) == 0 && !t.GetEveryone():
		return errors.New("no target")
	}
	return nil
}

// malformed counts, and logs the 1st, 2nd, 4th, 8th … so that a flood of
// nonsense does not become one of logs.
func (l *lane) malformed(err error) {
	l.metrics.malformed.Inc()
	l.bad++
	if l.bad&(l.bad-1) == 0 {
		l.o.Log.Warn("malformed message in the queue skipped", "topic", l.topic, "error", err, "so_far", l.bad)
	}
}

// add sorts the envelope into its stream and hands out what is due.
func (l *lane) add(e *hawospb.Envelope, now time.Time) {
	s := l.stream(e.GetProducer(), e.GetEpoch(), now)
	if l.ordered {
		if s.follow(e, l.metrics) {
			l.handOut(e)
		}
		return
	}
	for _, ready := range s.arrive(e, now, &l.o, l.metrics) {
		l.handOut(ready)
	}
}

func (l *lane) handOut(e *hawospb.Envelope) {
	if t := e.GetExpiresAtMs(); t != 0 && t <= time.Now().UnixMilli() {
		l.metrics.expired.Inc()
		return
	}
	l.metrics.delivered.Inc()
	l.deliver(e)
}

// arm makes the timer fire at the first stream's deadline.
func (l *lane) arm() {
	var first time.Time
	for s := range l.waiting() {
		if first.IsZero() || s.deadline.Before(first) {
			first = s.deadline
		}
	}
	if first.IsZero() || l.closed || (!l.due.IsZero() && !l.due.After(first)) {
		return // an early firing arms the timer again
	}
	if l.timer == nil || !l.timer.Stop() {
		l.fired.Add(1) // else the stopped call's place is taken
	}
	l.due = first
	l.timer = time.AfterFunc(time.Until(first), l.fire)
}

func (l *lane) fire() {
	defer l.fired.Done()
	l.mu.Lock()
	defer l.mu.Unlock()
	l.due = time.Time{}
	if l.closed {
		return
	}
	now := time.Now()
	for s := range l.waiting() {
		if now.Before(s.deadline) {
			continue
		}
		for _, e := range s.giveUp(now, &l.o, l.metrics) {
			l.handOut(e)
		}
	}
	l.arm()
}

// close waits for the last call of deliver.
func (l *lane) close() {
	l.mu.Lock()
	l.closed = true
	if l.timer != nil && l.timer.Stop() {
		l.fired.Done()
	}
	l.mu.Unlock()
	l.fired.Wait()
}
