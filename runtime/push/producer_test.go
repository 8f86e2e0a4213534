package push_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/push/memory"
	"github.com/hawos/hawos/runtime/route"
)

func TestSendNeedsTarget(t *testing.T) {
	p := newProducer(t, memory.New(), interest{}, nil)
	for name, to := range map[string]push.Target{"zero": {}, "group without name": push.Group(""), "nobody but": push.Target{}.Except("u")} {
		if err := p.Send(t.Context(), message(to, "x")); !errors.Is(err, push.ErrNoTarget) {
			t.Errorf("%s: got %v, want ErrNoTarget", name, err)
		}
	}
	if err := p.Send(t.Context(), message(push.UIDs(), "x")); err != nil {
		t.Errorf("no uids: got %v, want nobody and no error", err)
	}
	if err := p.Send(t.Context(), push.Message{ID: 2101, To: push.Everyone()}); err == nil {
		t.Error("nil payload: got no error")
	}
	if err := p.Send(t.Context(), message(push.Group("a\xff"), "x")); err == nil || !strings.Contains(err.Error(), "UTF-8") {
		t.Errorf("group that is no UTF-8: got %v", err)
	}
}

func TestSendReachesFrontendsWithReceiversOnly(t *testing.T) {
	in := interest{
		groups: map[string][]string{"room:1": {"frontend-1", "frontend-3"}},
		uids:   map[string][]string{"ann": {"frontend-1"}, "bob": {"frontend-2"}, "cay": {"frontend-1"}},
	}
	b := memory.New()
	got := record(t, b, "frontend-1", "frontend-2", "frontend-3", "all")
	p := newProducer(t, b, in, nil)
	send(t, p, message(push.Group("room:1").Except("bob"), "group"))
	send(t, p, message(push.UIDs("ann", "bob", "cay", "dan", "ann").Except("cay"), "uids"))
	send(t, p, message(push.Everyone(), "everyone"))
	send(t, p, message(push.Group("room:empty"), "nobody"))
	for topic, want := range map[string][]string{
		"frontend-1": {`1 group:"room:1" except:"bob" group`, `2 uids:"ann" uids`},
		"frontend-2": {`1 uids:"bob" uids`},
		"frontend-3": {`1 group:"room:1" except:"bob" group`},
		"all":        {`1 everyone:true everyone`},
	} {
		var texts []string
		for _, e := range got.take(t, push.Topic("test", topic), len(want)) {
			texts = append(texts, fmt.Sprintf("%d %s %s", e.Seq, describe(e.Target), text(e)))
		}
		if !slices.Equal(texts, want) {
			t.Errorf("%s: got %q, want %q", topic, texts, want)
		}
	}
}

// One lookup serves all Sends that wait, however many uids and groups they name.
func TestLookupsAreBatched(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := &slowInterest{interest: interest{groups: map[string][]string{}, uids: map[string][]string{}}}
		p := newProducer(t, memory.New(), in, nil)
		var wait sync.WaitGroup
		for i := range 100 {
			wait.Go(func() { send(t, p, message(push.UIDs(fmt.Sprint(i)), "x")) })
			wait.Go(func() { send(t, p, message(push.Group(fmt.Sprint(i)), "x")) })
		}
		wait.Wait()
		if n := in.calls; n > 4 {
			t.Errorf("got %d lookups for 200 Sends, want 2 for the first and 2 for the rest at most", n)
		}
	})
}

// Concurrent Sends of a topic go out as one message while the broker is busy,
// in the order of their acceptance.
func TestSendsAreBatchedInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &faulty{Broker: memory.New(), delay: 10 * time.Millisecond}
		got := record(t, b, "all")
		p := newProducer(t, b, interest{}, nil)
		var wait sync.WaitGroup
		for i := range 50 {
			wait.Go(func() { send(t, p, message(push.Everyone(), fmt.Sprint(i))) })
			synctest.Wait() // until it is accepted
		}
		wait.Wait()
		if n := b.published(); n != 2 {
			t.Errorf("got %d messages for 50 Sends, want the first and the rest", n)
		}
		for i, e := range got.take(t, push.TopicAll("test"), 50) {
			if e.Seq != uint64(i+1) || text(e) != fmt.Sprint(i) {
				t.Fatalf("envelope %d: got seq %d, text %s", i, e.Seq, text(e))
			}
		}
	})
}

// A publish that is refused is tried again with the same numbers; one that fails
// for good leaves a gap that the next envelope explains.
func TestFailedPublish(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &faulty{Broker: memory.New()}
		got := record(t, b, "all")
		p := newProducer(t, b, interest{}, nil)
		send(t, p, message(push.Everyone(), "first"))
		b.refuse(3)
		send(t, p, message(push.Everyone(), "second"))
		b.refuse(1 << 30)
		if err := p.Send(t.Context(), message(push.Everyone(), "lost")); !errors.Is(err, errRefused) {
			t.Errorf("broker away: got %v, want its error", err)
		}
		b.refuse(0)
		send(t, p, message(push.Everyone(), "third"))
		send(t, p, message(push.Everyone(), "fourth"))
		want := []string{"1 0 first", "2 0 second", "4 1 third", "5 0 fourth"}
		var texts []string
		for _, e := range got.take(t, push.TopicAll("test"), 4) {
			texts = append(texts, fmt.Sprint(e.Seq, " ", e.Skipped, " ", text(e)))
		}
		if !slices.Equal(texts, want) {
			t.Errorf("got %q, want %q", texts, want)
		}
	})
}

// Only the Sends whose lookup failed hear of it.
func TestFailedLookup(t *testing.T) {
	p := newProducer(t, memory.New(), interest{err: errors.New("directory away")}, nil)
	if err := p.Send(t.Context(), message(push.UIDs("ann"), "x")); err == nil || !strings.Contains(err.Error(), "directory away") {
		t.Errorf("uids: got %v", err)
	}
	if err := p.Send(t.Context(), message(push.Group("g"), "x")); err == nil || !strings.Contains(err.Error(), "directory away") {
		t.Errorf("group: got %v", err)
	}
	if err := p.Send(t.Context(), message(push.Everyone(), "x")); err != nil {
		t.Errorf("everyone: got %v, want no lookup", err)
	}
}

func TestSendTooLarge(t *testing.T) {
	b := memory.New()
	got := record(t, b, "all")
	p := newProducer(t, b, interest{}, func(o *push.ProducerOptions) { o.MaxBytes = 1000 })
	if err := p.Send(t.Context(), message(push.Everyone(), strings.Repeat("x", 1000))); !errors.Is(err, push.ErrTooLarge) {
		t.Errorf("got %v, want ErrTooLarge", err)
	}
	var wait sync.WaitGroup
	for range 20 { // together larger than one message
		wait.Go(func() { send(t, p, message(push.Everyone(), strings.Repeat("x", 200))) })
	}
	wait.Wait()
	got.take(t, push.TopicAll("test"), 20)
	if got.largest > 1000 {
		t.Errorf("got a message of %d bytes, want at most 1000", got.largest)
	}
}

// A Send whose caller has gone takes no number, and none of the room.
func TestAbandonedSend(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &faulty{Broker: memory.New(), delay: time.Second}
		got := record(t, b, "all")
		p := newProducer(t, b, interest{}, func(o *push.ProducerOptions) { o.MaxBytes, o.MaxQueueBytes = 500, 500 })
		first := make(chan error)
		go func() { first <- p.Send(t.Context(), message(push.Everyone(), "first")) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := p.Send(ctx, message(push.Everyone(), "gone")); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v, want the deadline", err)
		}
		if err := <-first; err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			send(t, p, message(push.Everyone(), fmt.Sprint(i)))
		}
		for i, e := range got.take(t, push.TopicAll("test"), 11) {
			if e.Seq != uint64(i+1) || e.Skipped != 0 || text(e) == "gone" {
				t.Fatalf("envelope %d: got seq %d, text %s", i, e.Seq, text(e))
			}
		}
	})
}

func TestCloseOfProducer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := &faulty{Broker: memory.New(), delay: time.Second}
		p := newProducer(t, b, interest{}, nil)
		result := make(chan error)
		go func() { result <- p.Send(t.Context(), message(push.Everyone(), "x")) }()
		synctest.Wait()
		go func() { p.Close(t.Context()) }()
		if err := <-result; err != nil {
			t.Errorf("Send under way at Close: got %v, want it finished", err)
		}
		synctest.Wait()
		if err := p.Send(t.Context(), message(push.Everyone(), "x")); !errors.Is(err, push.ErrClosed) {
			t.Errorf("Send after Close: got %v, want ErrClosed", err)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		b := &faulty{Broker: memory.New()}
		b.refuse(1 << 30)
		p := newProducer(t, b, interest{}, nil)
		result := make(chan error, 1)
		go func() { result <- p.Send(t.Context(), message(push.Everyone(), "x")) }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		if err := p.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close in a hurry: got %v, want the deadline", err)
		}
		if err := <-result; err == nil {
			t.Error("Send that Close cut short: got no error")
		}
	})
}

func TestEnvelopeCarriesDelivery(t *testing.T) {
	b := memory.New()
	got := record(t, b, "all")
	trace := make([]byte, 25)
	p := newProducer(t, b, interest{}, func(o *push.ProducerOptions) {
		o.Trace = func(context.Context) []byte { return trace }
	})
	before := time.Now()
	m := message(push.Everyone(), "grüße 世界")
	m.Class, m.Key, m.TTL = route.Latest, "score", time.Minute
	send(t, p, m)
	e := got.take(t, push.TopicAll("test"), 1)[0]
	if e.Producer != "chat-1" || e.Epoch != "e1" || e.Id != 2101 || e.Class != hawospb.Delivery_LATEST || e.Key != "score" || len(e.Trace) != 25 {
		t.Errorf("got %v", e)
	}
	if at := time.UnixMilli(e.ExpiresAtMs); at.Before(before.Add(59*time.Second)) || at.After(time.Now().Add(time.Minute)) {
		t.Errorf("got expiry %v", at)
	}
	if text(e) != "grüße 世界" {
		t.Errorf("got text %q", text(e))
	}
}

func message(to push.Target, s string) push.Message {
	return push.Message{ID: 2101, To: to, Payload: wrapperspb.String(s)}
}

func text(e *hawospb.Envelope) string {
	var s wrapperspb.StringValue
	if err := proto.Unmarshal(e.Payload, &s); err != nil {
		return err.Error()
	}
	return s.Value
}
