package push_test

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/push"
)

func TestConsumerHandsOutOnceAndInOrder(t *testing.T) {
	e := func(seq uint64) *hawospb.Envelope { return envelope("chat-1", "e1", seq, 0) }
	skip := func(seq, n uint64) *hawospb.Envelope { return envelope("chat-1", "e1", seq, n) }
	for _, c := range []struct {
		name    string
		ordered bool
		arrive  []*hawospb.Envelope
		at      []string // handed out, without waiting
		later   []string // after the wait for gaps
	}{
		{"in order", true, []*hawospb.Envelope{e(1), e(2), e(3)}, []string{"1", "2", "3"}, nil},
		{"doubles", true, []*hawospb.Envelope{e(1), e(2), e(1), e(2), e(3), e(3)}, []string{"1", "2", "3"}, nil},
		{"from the end", true, []*hawospb.Envelope{e(7), e(8)}, []string{"7", "8"}, nil},
		{"lost", true, []*hawospb.Envelope{e(1), e(4), e(2)}, []string{"1", "4"}, nil},

		{"unordered, in order", false, []*hawospb.Envelope{e(1), e(2), e(3)}, []string{"1", "2", "3"}, nil},
		{"unordered, doubles", false, []*hawospb.Envelope{e(1), e(2), e(2), e(1), e(3), e(3)}, []string{"1", "2", "3"}, nil},
		{"exchanged", false, []*hawospb.Envelope{e(1), e(3), e(2), e(5), e(5), e(4)}, []string{"1", "2", "3", "4", "5"}, nil},
		{"beginning exchanged", false, []*hawospb.Envelope{e(2), e(1)}, []string{"1", "2"}, nil},
		{"unordered, from the end", false, []*hawospb.Envelope{e(8), e(7), e(9)}, nil, []string{"7", "8", "9"}},
		{"gap", false, []*hawospb.Envelope{e(1), e(4), e(3)}, []string{"1"}, []string{"3", "4"}},
		{"two gaps", false, []*hawospb.Envelope{e(1), e(3), e(5)}, []string{"1"}, []string{"3", "5"}},
		{"given up by the producer", false, []*hawospb.Envelope{e(1), skip(4, 2), e(5)}, []string{"1", "4", "5"}, nil},
		{"given up, arrives nevertheless", false, []*hawospb.Envelope{e(1), e(2), skip(4, 2), e(3), e(5)}, []string{"1", "2", "4", "5"}, nil},
		{"given up after a gap", false, []*hawospb.Envelope{e(1), skip(4, 1), e(2), e(5)}, []string{"1", "2", "4", "5"}, nil},
		{"given up from the beginning", false, []*hawospb.Envelope{skip(3, 2), e(4)}, []string{"3", "4"}, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				b, got := consume(t, c.ordered, nil)
				for _, e := range c.arrive {
					b.bring(e)
				}
				if seqs := got.seqs(); !slices.Equal(seqs, c.at) {
					t.Errorf("got %v at once, want %v", seqs, c.at)
				}
				<-time.After(3 * time.Second)
				if seqs := got.seqs(); !slices.Equal(seqs, c.later) {
					t.Errorf("got %v after the wait, want %v", seqs, c.later)
				}
			})
		})
	}
}

// What was given up is still handed out when it comes late: order is lost rather
// than the push, and only once.
func TestLatePush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := prometheus.NewRegistry()
		b, got := consume(t, false, r)
		b.bring(envelope("chat-1", "e1", 1, 0), envelope("chat-1", "e1", 4, 0))
		<-time.After(2 * time.Second)
		b.bring(envelope("chat-1", "e1", 2, 0), envelope("chat-1", "e1", 2, 0), envelope("chat-1", "e1", 3, 0))
		if seqs, want := got.seqs(), []string{"1", "4", "2", "3"}; !slices.Equal(seqs, want) {
			t.Errorf("got %v, want %v", seqs, want)
		}
		for name, want := range map[string]float64{
			"hawos_push_lost_total": 2, "hawos_push_late_total": 2, "hawos_push_doubles_total": 1, "hawos_push_received_total": 4,
		} {
			if n := metric(t, r, name); n != want {
				t.Errorf("%s: got %v, want %v", name, n, want)
			}
		}
	})
}

func TestManyHeldGoOnAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, got := consume(t, false, nil)
		b.bring(envelope("chat-1", "e1", 1, 0))
		for seq := uint64(3); seq < 14; seq++ { // MaxHeld is 10
			b.bring(envelope("chat-1", "e1", seq, 0))
		}
		if n := len(got.seqs()); n != 12 {
			t.Errorf("got %d, want all 12 without a wait", n)
		}
	})
}

// Producers and runs of a producer do not wait for each other.
func TestStreamsAreApart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b, got := consume(t, false, nil)
		b.bring(envelope("chat-1", "e1", 1, 0), envelope("chat-1", "e1", 3, 0)) // 2 is missing
		b.bring(envelope("chat-2", "x1", 1, 0))
		b.bring(envelope("chat-1", "e2", 1, 0), envelope("chat-1", "e2", 2, 0)) // restarted
		b.bring(envelope("chat-1", "e1", 2, 0))
		want := []string{"1", "1", "1", "2", "2", "3"}
		if seqs := got.seqs(); !slices.Equal(seqs, want) {
			t.Errorf("got %v, want %v", seqs, want)
		}
		b.bring(envelope("chat-1", "e1", 9, 0), envelope("chat-1", "e3", 1, 0)) // e1 is forgotten, what it held is not
		if seqs, want := got.seqs(), []string{"9", "1"}; !slices.Equal(seqs, want) {
			t.Errorf("got %v, want %v", seqs, want)
		}
	})
}

func TestExpiredPushIsDropped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r := prometheus.NewRegistry()
		b, got := consume(t, true, r)
		old, fresh := envelope("chat-1", "e1", 1, 0), envelope("chat-1", "e1", 2, 0)
		old.ExpiresAtMs = time.Now().UnixMilli()
		fresh.ExpiresAtMs = time.Now().Add(time.Second).UnixMilli()
		b.bring(old, fresh)
		if seqs := got.seqs(); !slices.Equal(seqs, []string{"2"}) {
			t.Errorf("got %v, want the fresh one", seqs)
		}
		if n := metric(t, r, "hawos_push_expired_total"); n != 1 {
			t.Errorf("got %v expired, want 1", n)
		}
	})
}

// Nonsense in the queue is counted and passed over; the log does not drown.
func TestMalformedMessages(t *testing.T) {
	r := prometheus.NewRegistry()
	var log strings.Builder
	b, got := consumeWith(t, push.ConsumerOptions{
		Broker: &script{ordered: true}, Metrics: r, Log: slog.New(slog.NewTextHandler(&log, nil)),
	})
	for range 100 {
		b.f(topicAll, []byte{0xff, 0xff})
	}
	bad := []*hawospb.Envelope{{}, envelope("", "e1", 1, 0), envelope("chat-1", "", 1, 0), envelope("chat-1", "e1", 0, 0), envelope("chat-1", "e1", 3, 3), envelope("chat-1", "e1", 1<<63, 0)}
	for _, change := range []func(*hawospb.Envelope){
		func(e *hawospb.Envelope) { e.Id = 0 },
		func(e *hawospb.Envelope) { e.Target = nil },
		func(e *hawospb.Envelope) { e.Target = &hawospb.Target{Except: []string{"u"}} },
	} {
		e := envelope("chat-1", "e1", 1, 0)
		change(e)
		bad = append(bad, e)
	}
	b.bring(append(bad, envelope("chat-1", "e1", 1, 0))...)
	b.f("no such topic", nil)
	if seqs := got.seqs(); !slices.Equal(seqs, []string{"1"}) {
		t.Errorf("got %v, want the one good push", seqs)
	}
	if n, want := metric(t, r, "hawos_push_malformed_total"), float64(100+len(bad)); n != want {
		t.Errorf("got %v malformed, want %v", n, want)
	}
	if n := strings.Count(log.String(), "\n"); n != 7 {
		t.Errorf("got %d log lines, want 7 for about 100 faults", n)
	}
}

// A subscription that cannot be ended in time brings more: whoever closed the
// consumer has torn down what deliver needs.
func TestConsumerIsSilentAfterClose(t *testing.T) {
	b, delivered := &script{ordered: true}, 0
	c := push.NewConsumer(push.ConsumerOptions{Broker: b, Reader: "frontend-1", Topics: []string{topicAll}}, func(*hawospb.Envelope) { delivered++ })
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	b.bring(envelope("chat-1", "e1", 1, 0))
	if err := c.Close(t.Context(), true); err != nil {
		t.Fatal(err)
	}
	b.bring(envelope("chat-1", "e1", 2, 0))
	if delivered != 1 {
		t.Errorf("got %d pushes, want the one before Close", delivered)
	}
}

func FuzzEnvelopes(f *testing.F) {
	whole, err := proto.Marshal(&hawospb.Envelopes{Envelopes: []*hawospb.Envelope{envelope("chat-1", "e1", 1, 0), envelope("chat-1", "e1", 3, 1)}})
	if err != nil {
		f.Fatal(err)
	}
	f.Add(whole, true)
	f.Add(whole[:len(whole)-3], false)
	f.Add([]byte{10, 255, 255, 255, 255, 15}, false)
	f.Fuzz(func(t *testing.T, message []byte, ordered bool) {
		b, _ := consumeWith(t, push.ConsumerOptions{Broker: &script{ordered: ordered}, Log: slog.New(slog.DiscardHandler)})
		b.f(topicAll, message)
		b.f(topicAll, message)
	})
}

var topicAll = push.TopicAll("test") // never written

func envelope(producer, epoch string, seq, skipped uint64) *hawospb.Envelope {
	return &hawospb.Envelope{Producer: producer, Epoch: epoch, Seq: seq, Skipped: skipped, Id: 2101, Target: &hawospb.Target{Everyone: true}}
}

// script is a broker that brings what a test tells it to.
type script struct {
	push.Broker
	ordered bool
	f       func(string, []byte)
}

func (s *script) Ordered() bool { return s.ordered }

func (s *script) Subscribe(_ context.Context, _ string, _ []string, f func(string, []byte)) (push.Subscription, error) {
	s.f = f
	return subscribed{}, nil
}

type subscribed struct{}

func (subscribed) Close(context.Context, bool) error { return nil }

// bring brings each envelope in a message of its own.
func (s *script) bring(envelopes ...*hawospb.Envelope) {
	for _, e := range envelopes {
		b, err := proto.Marshal(&hawospb.Envelopes{Envelopes: []*hawospb.Envelope{e}})
		if err != nil {
			panic(err)
		}
		s.f(topicAll, b)
	}
}

// handed is what a consumer handed out.
type handed struct {
	ch chan string
}

// seqs returns the sequence numbers handed out since the last call.
func (h *handed) seqs() []string {
	var seqs []string
	for {
		select {
		case s := <-h.ch:
			seqs = append(seqs, s)
		default:
			return seqs
		}
	}
}

func consume(t *testing.T, ordered bool, r prometheus.Registerer) (*script, *handed) {
	return consumeWith(t, push.ConsumerOptions{Broker: &script{ordered: ordered}, Metrics: r, MaxHeld: 10})
}

func consumeWith(t *testing.T, o push.ConsumerOptions) (*script, *handed) {
	t.Helper()
	got := &handed{ch: make(chan string, 1000)}
	b := o.Broker.(*script)
	o.Reader, o.Topics = "frontend-1", []string{topicAll}
	c := push.NewConsumer(o, func(e *hawospb.Envelope) {
		select {
		case got.ch <- fmt.Sprint(e.Seq):
		default:
		}
	})
	if err := c.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := c.Close(context.Background(), true); err != nil {
			t.Error(err)
		}
	})
	return b, got
}

// metric returns the value of a counter.
func metric(t *testing.T, r *prometheus.Registry, name string) float64 {
	t.Helper()
	families, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			return f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}
