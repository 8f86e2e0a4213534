package push_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/push"
)

// interest is a directory that never changes.
type interest struct {
	groups, uids map[string][]string
	err          error
}

func (i interest) Groups(_ context.Context, names []string) ([][]string, error) {
	return find(i.groups, names), i.err
}

func (i interest) UIDs(_ context.Context, names []string) ([][]string, error) {
	return find(i.uids, names), i.err
}

func find(m map[string][]string, names []string) [][]string {
	lists := make([][]string, len(names))
	for i, n := range names {
		lists[i] = m[n]
	}
	return lists
}

// slowInterest counts its calls, each of which takes a while.
type slowInterest struct {
	interest
	mu    sync.Mutex
	calls int
}

func (i *slowInterest) Groups(ctx context.Context, names []string) ([][]string, error) {
	i.wait()
	return i.interest.Groups(ctx, names)
}

func (i *slowInterest) UIDs(ctx context.Context, names []string) ([][]string, error) {
	i.wait()
	return i.interest.UIDs(ctx, names)
}

func (i *slowInterest) wait() {
	i.mu.Lock()
	i.calls++
	i.mu.Unlock()
	<-time.After(time.Second)
}

var errRefused = errors.New("refused")

// faulty is a broker that refuses the next publishes, or takes its time.
type faulty struct {
	push.Broker
	delay time.Duration

	mu    sync.Mutex
	left  int
	count int
}

func (f *faulty) refuse(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.left = n
}

func (f *faulty) published() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.count
}

func (f *faulty) Publish(ctx context.Context, topic string, messages ...[]byte) error {
	f.mu.Lock()
	refused := f.left > 0
	if refused {
		f.left--
	} else {
		f.count++
	}
	f.mu.Unlock()
	if refused {
		return errRefused
	}
	select {
	case <-time.After(f.delay):
	case <-ctx.Done():
		return ctx.Err()
	}
	return f.Broker.Publish(ctx, topic, messages...)
}

// recorder keeps the envelopes of topics as they arrive.
type recorder struct {
	mu      sync.Mutex
	arrived *sync.Cond
	topics  map[string][]*hawospb.Envelope
	largest int
}

// record hears the topics of the frontends in the namespace test.
func record(t testing.TB, b push.Broker, frontends ...string) *recorder {
	t.Helper()
	r := &recorder{topics: map[string][]*hawospb.Envelope{}}
	r.arrived = sync.NewCond(&r.mu)
	var topics []string
	for _, f := range frontends {
		topics = append(topics, push.Topic("test", f))
	}
	sub, err := b.Subscribe(t.Context(), "recorder", topics, func(topic string, message []byte) {
		var m hawospb.Envelopes
		if err := proto.Unmarshal(message, &m); err != nil {
			t.Error(err)
		}
		r.mu.Lock()
		defer r.mu.Unlock()
		r.largest = max(r.largest, len(message))
		r.topics[topic] = append(r.topics[topic], m.Envelopes...)
		r.arrived.Broadcast()
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := sub.Close(context.Background(), true); err != nil {
			t.Error(err)
		}
	})
	return r
}

// take waits for n envelopes of a topic; more are a fault.
func (r *recorder) take(t testing.TB, topic string, n int) []*hawospb.Envelope {
	t.Helper()
	r.mu.Lock()
	defer r.mu.Unlock()
	for len(r.topics[topic]) < n {
		r.arrived.Wait()
	}
	if got := len(r.topics[topic]); got != n {
		t.Fatalf("%s: got %d envelopes, want %d", topic, got, n)
	}
	return r.topics[topic]
}

func newProducer(t testing.TB, b push.Broker, in push.Interest, change func(*push.ProducerOptions)) *push.Producer {
	t.Helper()
	o := push.ProducerOptions{Instance: "chat-1", Epoch: "e1", Namespace: "test", Broker: b, Interest: in}
	if change != nil {
		change(&o)
	}
	p, err := push.NewProducer(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { p.Close(context.Background()) })
	return p
}

func send(t testing.TB, p *push.Producer, m push.Message) {
	t.Helper()
	if err := p.Send(t.Context(), m); err != nil {
		t.Error(err)
	}
}

func describe(to *hawospb.Target) string {
	var parts []string
	if to.Group != "" {
		parts = append(parts, fmt.Sprintf("group:%q", to.Group))
	}
	for _, uid := range to.Uids {
		parts = append(parts, fmt.Sprintf("uids:%q", uid))
	}
	if to.Everyone {
		parts = append(parts, "everyone:true")
	}
	for _, uid := range to.Except {
		parts = append(parts, fmt.Sprintf("except:%q", uid))
	}
	return strings.Join(parts, " ")
}
