package nsq

import (
	"context"
	"errors"
	"time"

	"github.com/nsqio/go-nsq"
)

// feed reads one topic from one nsqd, over as many connections as it takes.
type feed struct {
	s       *subscription
	address string
	topic   string
	first   chan error // hears how the first connection went
}

func (x *feed) run(ctx context.Context) {
	b := x.s.broker
	for wait := time.Duration(0); ; {
		since := time.Now()
		err := x.connect(ctx)
		if ctx.Err() != nil {
			return
		}
		if !x.known() {
			b.o.Log.Info("nsqd is gone", "nsqd", x.address, "topic", x.topic)
			return
		}
		if time.Since(since) > 10*time.Second {
			wait = 0 // it did work
		}
		wait = min(max(2*wait, 20*time.Millisecond), time.Second)
		b.o.Log.Warn("reading from nsqd interrupted", "nsqd", x.address, "topic", x.topic, "error", err, "again_in", wait)
		pause := time.NewTimer(wait)
		select {
		case <-pause.C:
		case <-ctx.Done():
			pause.Stop()
			return
		}
	}
}

// known reports whether the nsqd still is one; if not, the subscription may meet
// it again as a new one.
func (x *feed) known() bool {
	b := x.s.broker
	b.mu.Lock()
	_, ok := b.nodes[x.address]
	b.mu.Unlock()
	if !ok {
		x.s.mu.Lock()
		delete(x.s.feeds, x.address)
		x.s.mu.Unlock()
	}
	return ok
}

// connect reads over one connection until it ends.
func (x *feed) connect(ctx context.Context) error {
	d := &delegate{feed: x, subscribed: make(chan error, 1), closed: make(chan struct{})}
	conn := nsq.NewConn(x.address, x.s.broker.config, d)
	conn.SetLogger(logger{x.s.broker.o.Log}, nsq.LogLevelWarning, "")
	if _, err := conn.Connect(); err != nil {
		_ = conn.Close() // half open at most
		x.tell(err)
		return err
	}
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	err := conn.WriteCommand(nsq.Subscribe(x.topic, x.s.reader))
	if err == nil {
		select {
		case err = <-d.subscribed:
		case <-d.closed:
			err = errConnection
		}
	}
	x.tell(err)
	if err == nil {
		err = conn.WriteCommand(nsq.Ready(inFlight))
	}
	if err != nil {
		_ = conn.Close() // err is what matters
	}
	<-d.closed
	if err == nil {
		err = errConnection
	}
	return err
}

func (x *feed) tell(err error) {
	select {
	case x.first <- err:
	default: // it was not the first
	}
}

// delegate hears what a connection brings; all calls come from its reader,
// but for OnClose.
type delegate struct {
	deaf
	feed       *feed
	subscribed chan error // the answer to SUB
	answered   bool
	closed     chan struct{}
}

// OnMessage implements nsq.ConnDelegate. A message is finished whatever it
// holds: one that makes no sense will not do so later.
func (d *delegate) OnMessage(_ *nsq.Conn, m *nsq.Message) {
	s := d.feed.s
	lock := s.topics[d.feed.topic]
	lock.Lock()
	s.f(d.feed.topic, m.Body)
	lock.Unlock()
	m.Finish()
}

// OnResponse implements nsq.ConnDelegate.
func (d *delegate) OnResponse(*nsq.Conn, []byte) { d.answer(nil) }

// OnError implements nsq.ConnDelegate.
func (d *delegate) OnError(c *nsq.Conn, text []byte) {
	if !d.answer(errors.New(string(text))) {
		d.feed.s.broker.o.Log.Warn("nsqd complains", "nsqd", c.String(), "error", string(text))
	}
}

// answer passes on the answer to SUB, which is the first of all.
func (d *delegate) answer(err error) bool {
	if d.answered {
		return false
	}
	d.answered = true
	d.subscribed <- err
	return true
}

// OnClose implements nsq.ConnDelegate.
func (d *delegate) OnClose(*nsq.Conn) { close(d.closed) }
