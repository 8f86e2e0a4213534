package push_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/hawos/hawos/hawosgen/infra/embedded"
	"github.com/hawos/hawos/runtime/directory"
	dirmemory "github.com/hawos/hawos/runtime/directory/memory"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/push/nsq"
	"github.com/hawos/hawos/runtime/push/nsq/nsqtest"
)

// Producers in several processes send to a group on two frontends while the
// queue is restarted: what was acknowledged arrives once, and in order per
// producer.
func TestPipelineOverKafka(t *testing.T) {
	o := embedded.Options{Dir: t.TempDir()}
	s := startKafka(t, o)
	defer func() { s.Close() }()
	addr := s.Addr()
	o.Port = port(t, addr)
	pipeline(t, func() push.Broker { return openKafka(t, addr) }, func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		s = startKafka(t, o)
	})
}

func TestPipelineOverNSQ(t *testing.T) {
	o := nsqtest.Options{Dir: t.TempDir()}
	s := startNSQ(t, o)
	defer func() { s.Close() }()
	o.NSQD = s.NSQD()
	restarts := 0
	pipeline(t, func() push.Broker { return openNSQ(t, nsq.Options{NSQD: o.NSQD}) }, func() {
		if restarts++; restarts%2 == 0 {
			s.Interrupt() // what was in flight comes again, after later ones
			return
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
		s = startNSQ(t, o)
	})
}

const (
	producers = 3
	senders   = 4   // per producer
	sends     = 200 // per sender
)

func pipeline(t *testing.T, open func() push.Broker, interrupt func()) {
	d := dirmemory.New()
	live := map[string]string{"frontend-1": "f1", "frontend-2": "f2"}
	var got [2]*tally
	for i, frontend := range []string{"frontend-1", "frontend-2"} {
		if err := d.Join(t.Context(), frontend, live[frontend], "room:1"); err != nil {
			t.Fatal(err)
		}
		b := open()
		defer b.Close()
		got[i] = &tally{last: map[string]int{}, all: make(chan struct{})}
		c := push.NewConsumer(push.ConsumerOptions{
			Broker: b, Reader: frontend, Topics: []string{push.Topic("test", frontend), push.TopicAll("test")}, GapWait: 5 * time.Second,
		}, got[i].deliver)
		if err := c.Start(t.Context()); err != nil {
			t.Fatal(err)
		}
		defer c.Close(context.Background(), true)
	}
	var wait sync.WaitGroup
	for n := range producers {
		b := open()
		defer b.Close()
		p, err := push.NewProducer(push.ProducerOptions{
			Instance: fmt.Sprint("chat-", n), Epoch: "e", Namespace: "test", Broker: b,
			Interest: directory.Interest(d, func() map[string]string { return live }), Timeout: 20 * time.Second,
		})
		if err != nil {
			t.Fatal(err)
		}
		defer p.Close(context.Background())
		for sender := range senders {
			wait.Go(func() {
				for i := range sends {
					m := wrapperspb.String(fmt.Sprint(n, ".", sender, " ", i+1))
					if err := p.Send(t.Context(), push.Message{ID: 2101, To: push.Group("room:1"), Payload: m}); err != nil {
						t.Errorf("send: %v", err)
					}
				}
			})
		}
	}
	for range 4 {
		got[0].until(producers * senders * sends / 8)
		interrupt()
	}
	wait.Wait()
	for i, g := range got {
		select {
		case <-g.all:
		case <-time.After(30 * time.Second):
			t.Errorf("frontend-%d: got %d of %d pushes", i+1, g.count, producers*senders*sends)
		}
		g.mu.Lock()
		for _, fault := range g.faults {
			t.Errorf("frontend-%d: %s", i+1, fault)
		}
		g.mu.Unlock()
	}
}

// tally checks that each sender's pushes come once and in order.
type tally struct {
	all chan struct{} // closed when all have come

	mu      sync.Mutex
	last    map[string]int
	count   int
	at      int
	reached chan struct{}
	faults  []string
}

func (g *tally) deliver(e *hawospb.Envelope) {
	var s wrapperspb.StringValue
	var sender string
	var n int
	g.mu.Lock()
	defer g.mu.Unlock()
	if err := proto.Unmarshal(e.Payload, &s); err != nil {
		g.faults = append(g.faults, err.Error())
	}
	if _, err := fmt.Sscan(s.Value, &sender, &n); err != nil {
		g.faults = append(g.faults, err.Error())
	}
	if n != g.last[sender]+1 {
		g.faults = append(g.faults, fmt.Sprintf("sender %s: got %d after %d", sender, n, g.last[sender]))
	}
	g.last[sender] = n
	if g.count++; g.count == producers*senders*sends {
		close(g.all)
	}
	if g.reached != nil && g.count >= g.at {
		close(g.reached)
		g.reached = nil
	}
}

// until waits for so many more pushes.
func (g *tally) until(more int) {
	g.mu.Lock()
	reached := make(chan struct{})
	g.reached, g.at = reached, min(g.count+more, producers*senders*sends)
	g.mu.Unlock()
	select {
	case <-reached:
	case <-g.all:
	}
}
