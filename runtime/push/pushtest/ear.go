package pushtest

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hawos/hawos/runtime/push"
)

// bench is one case's broker and topics.
type bench struct {
	*testing.T
	Broker push.Broker
	o      Options
	prefix string
}

// topic returns a topic that no other case uses.
func (b *bench) topic(name string) string { return b.prefix + name }

func (b *bench) publish(topic string, messages ...string) {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	bytes := make([][]byte, len(messages))
	for i, m := range messages {
		bytes[i] = []byte(m)
	}
	if err := b.Broker.Publish(ctx, topic, bytes...); err != nil {
		b.Fatalf("publish to %s: %v", topic, err)
	}
}

// ear is a subscription that notes what it hears.
type ear struct {
	b   *bench
	sub push.Subscription

	mu    sync.Mutex
	news  *sync.Cond
	heard map[string][]string // by topic, without doubles
	seen  map[string]bool
}

func (b *bench) subscribe(reader string, topics ...string) *ear {
	b.Helper()
	e := &ear{b: b, heard: map[string][]string{}, seen: map[string]bool{}}
	e.news = sync.NewCond(&e.mu)
	e.sub = b.listen(reader, topics, e.hear)
	b.Cleanup(func() { e.close(true) })
	return e
}

func (b *bench) listen(reader string, topics []string, f func(string, []byte)) push.Subscription {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	sub, err := b.Broker.Subscribe(ctx, reader, topics, f)
	if err != nil {
		b.Fatalf("subscribe %s to %v: %v", reader, topics, err)
	}
	return sub
}

func (e *ear) hear(topic string, message []byte) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if key := topic + " " + string(message); !e.seen[key] {
		e.seen[key] = true
		e.heard[topic] = append(e.heard[topic], string(message))
		e.news.Broadcast()
	}
}

// want waits until the topic was heard to say exactly the messages; their order
// counts where the broker promises one.
func (e *ear) want(topic string, messages ...string) {
	e.b.Helper()
	late := time.AfterFunc(patience, func() {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.seen["late"] = true
		e.news.Broadcast()
	})
	defer late.Stop()
	e.mu.Lock()
	defer e.mu.Unlock()
	for len(e.heard[topic]) < len(messages) && !e.seen["late"] {
		e.news.Wait()
	}
	got, want := slices.Clone(e.heard[topic]), slices.Clone(messages)
	if !e.b.Broker.Ordered() {
		slices.Sort(got)
		slices.Sort(want)
	}
	if !slices.Equal(got, want) {
		e.b.Fatalf("%s: got %d messages %.200q, want %d %.200q", topic, len(got), got, len(want), want)
	}
}

func (e *ear) close(forever bool) {
	e.b.Helper()
	if e.sub == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := e.sub.Close(ctx, forever); err != nil {
		e.b.Errorf("close subscription: %v", err)
	}
	e.sub = nil
}

// numbers returns the texts of from … to-1.
func numbers(from, to int) []string {
	var s []string
	for ; from < to; from++ {
		s = append(s, fmt.Sprint(from))
	}
	return s
}
