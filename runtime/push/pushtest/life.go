package pushtest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hawos/hawos/runtime/push"
)

// remove: a reader that died is forgotten, and others go on.
func (b *bench) remove() {
	topic, own := b.topic("all"), b.topic("frontend-1")
	e := b.subscribe("frontend-1", topic, own)
	rest := b.subscribe("frontend-2", topic)
	e.close(false)
	b.publish(topic, "nobody removed yet")
	for range 2 { // again does no harm
		if err := b.Broker.Remove(context.Background(), "frontend-1", []string{topic, own}); err != nil {
			b.Errorf("remove: %v", err)
		}
	}
	if err := b.Broker.Remove(context.Background(), "frontend-9", []string{topic, b.topic("unknown")}); err != nil {
		b.Errorf("remove a reader that never was: %v", err)
	}
	b.publish(topic, "removed")
	b.publish(own, "to nobody")
	rest.want(topic, "nobody removed yet", "removed")
}

// resubscribe: what was published while a reader was away is not for it.
func (b *bench) resubscribe() {
	topic := b.topic("again")
	for i, forever := range []bool{false, true, false} {
		e := b.subscribe("frontend-1", topic)
		b.publish(topic, fmt.Sprint("here ", i))
		e.want(topic, fmt.Sprint("here ", i))
		e.close(forever)
		b.publish(topic, fmt.Sprint("away ", i))
	}
}

func (b *bench) closeWaits() {
	topic := b.topic("close")
	inside, release := make(chan struct{}), make(chan struct{})
	var once sync.Once
	var closed atomic.Bool
	sub := b.listen("frontend-1", []string{topic}, func(string, []byte) {
		if closed.Load() {
			b.Error("f was called after Close had returned")
		}
		once.Do(func() {
			close(inside)
			<-release
		})
	})
	b.publish(topic, numbers(0, 100)...)
	<-inside
	done := make(chan error)
	go func() {
		err := sub.Close(context.Background(), true)
		closed.Store(true)
		done <- err
	}()
	select {
	case err := <-done:
		close(release)
		b.Fatalf("Close returned %v while f ran", err)
	case <-time.After(20 * time.Millisecond): // long enough to see it fail
	}
	close(release)
	if err := <-done; err != nil {
		b.Error(err)
	}
	b.publish(topic, "unheard")
}

func (b *bench) closed() {
	topic := b.topic("closed")
	broker := b.o.Open(b.T)
	sub, err := broker.Subscribe(context.Background(), "frontend-1", []string{topic}, func(string, []byte) {})
	if err != nil {
		b.Fatal(err)
	}
	for range 2 {
		if err := broker.Close(); err != nil {
			b.Errorf("close: %v", err)
		}
	}
	if err := sub.Close(context.Background(), false); err != nil {
		b.Errorf("close subscription of closed broker: %v", err)
	}
	if err := broker.Publish(context.Background(), topic, []byte("x")); !errors.Is(err, push.ErrClosed) {
		b.Errorf("publish: got %v, want ErrClosed", err)
	}
	if _, err := broker.Subscribe(context.Background(), "frontend-1", []string{topic}, func(string, []byte) {}); !errors.Is(err, push.ErrClosed) {
		b.Errorf("subscribe: got %v, want ErrClosed", err)
	}
}

func (b *bench) context() {
	topic := b.topic("context")
	e := b.subscribe("frontend-1", topic)
	b.publish(topic, "0")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := b.Broker.Publish(ctx, topic, []byte("never")); !errors.Is(err, context.Canceled) {
		b.Errorf("publish with an ended context: got %v, want its error", err)
	}
	b.publish(topic, "1")
	e.want(topic, "0", "1")
}

// resume: what was acknowledged is heard, though the connection was lost before,
// between or after.
func (b *bench) resume() {
	if b.o.Interrupt == nil {
		b.Skip("this broker has no connections to lose, or they cannot be broken from here")
	}
	topic := b.topic("resume")
	e := b.subscribe("frontend-1", topic)
	b.publish(topic, "0")
	e.want(topic, "0")
	for i := 1; i < 30; i += 10 {
		b.o.Interrupt(b.T)
		for n := i; n < i+10; n++ {
			b.insist(topic, fmt.Sprint(n))
		}
	}
	e.want(topic, numbers(0, 31)...)
}

// insist publishes until the broker acknowledges.
func (b *bench) insist(topic, message string) {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	for {
		err := b.Broker.Publish(ctx, topic, []byte(message))
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			b.Fatalf("publish to %s: %v", topic, err)
		case <-time.After(20 * time.Millisecond):
		}
	}
}
