package pushtest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"
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
