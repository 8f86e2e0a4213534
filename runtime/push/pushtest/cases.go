package pushtest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hawos/hawos/runtime/push"
)

func (b *bench) order() {
	topic := b.topic("order")
	e := b.subscribe("frontend-1", topic)
	b.publish(topic)
	for i := 0; i < 500; {
		n := 1 + i%7
		b.publish(topic, numbers(i, i+n)...)
		i += n
	}
	e.want(topic, numbers(0, len(e.await(topic, 500)))...)
}

// await waits for at least n messages.
func (e *ear) await(topic string, n int) []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	for len(e.heard[topic]) < n {
		e.news.Wait()
	}
	return e.heard[topic]
}

func (b *bench) fromTheEnd() {
	topic := b.topic("end")
	b.publish(topic, "before the topic had readers")
	first := b.subscribe("frontend-1", topic)
	b.publish(topic, "for the first")
	second := b.subscribe("frontend-2", topic)
	b.publish(topic, "for both")
	first.want(topic, "for the first", "for both")
	second.want(topic, "for both")
}

func (b *bench) eachReader() {
	topic := b.topic("all")
	ears := []*ear{b.subscribe("frontend-1", topic), b.subscribe("frontend-2", topic)}
	b.publish(topic, numbers(0, 20)...)
	if !b.o.Alone {
		mine := b.Broker
		b.Broker = b.o.Open(b.T)
		defer b.Broker.Close()
		third := b.subscribe("frontend-3", topic)
		b.publish(topic, numbers(20, 30)...)
		third.want(topic, numbers(20, 30)...)
		third.close(true)
		defer func() { b.Broker = mine }()
	} else {
		b.publish(topic, numbers(20, 30)...)
	}
	for _, e := range ears {
		e.want(topic, numbers(0, 30)...)
	}
}

func (b *bench) anyBytes() {
	topic := b.topic("bytes")
	e := b.subscribe("frontend-1", topic)
	texts := []string{"grüße, 世界 🌍", "\x00\xff\n\r", strings.Repeat("0123456789abcdef", b.o.MaxMessage/16), "x"}
	for _, text := range texts {
		b.publish(topic, text)
	}
	e.want(topic, texts...)
}

func (b *bench) manyTopics() {
	var topics []string
	for i := range 30 {
		topics = append(topics, b.topic(fmt.Sprint("many-", i)))
	}
	e := b.subscribe("frontend-1", topics...)
	var wait sync.WaitGroup
	for _, topic := range topics {
		wait.Go(func() {
			for i := range 10 {
				if err := b.Broker.Publish(context.Background(), topic, []byte(fmt.Sprint(i))); err != nil {
					b.Errorf("publish to %s: %v", topic, err)
				}
			}
		})
	}
	wait.Wait()
	for _, topic := range topics {
		e.want(topic, numbers(0, 10)...)
	}
}

// A topic whose f hangs holds up no other.
func (b *bench) topicsApart() {
	slow, quick := b.topic("slow"), b.topic("quick")
	release := make(chan struct{})
	heard := make(chan string, 10)
	sub := b.listen("frontend-1", []string{slow, quick}, func(topic string, m []byte) {
		if topic == slow {
			<-release
		}
		heard <- string(m)
	})
	b.publish(slow, "slow")
	b.publish(quick, "quick")
	if m := b.next(heard); m != "quick" {
		b.Errorf("got %q first, want the other topic's", m)
	}
	close(release)
	if m := b.next(heard); m != "slow" {
		b.Errorf("got %q, want slow", m)
	}
	if err := sub.Close(context.Background(), true); err != nil {
		b.Error(err)
	}
}

func (b *bench) next(heard <-chan string) string {
	b.Helper()
	select {
	case m := <-heard:
		return m
	case <-time.After(patience):
		b.Fatal("heard nothing")
		return ""
	}
}

func (b *bench) serial() {
	topic := b.topic("serial")
	var inside atomic.Int32
	heard := make(chan string, 1000)
	sub := b.listen("frontend-1", []string{topic}, func(_ string, m []byte) {
		if inside.Add(1) != 1 {
			b.Error("f was called twice at a time")
		}
		heard <- string(m)
		inside.Add(-1)
	})
	b.publish(topic, numbers(0, 200)...)
	for range 200 {
		b.next(heard)
	}
	if err := sub.Close(context.Background(), true); err != nil {
		b.Error(err)
	}
}

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
	case <-done:
		b.Error("Close returned while f ran")
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
