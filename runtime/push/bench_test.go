package push_test

import (
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/push/memory"
)

// BenchmarkSend sends to a group with members on two frontends; alone is one
// sender that waits for each answer, many are 64 of them.
func BenchmarkSend(b *testing.B) {
	in := interest{groups: map[string][]string{"room:1": {"frontend-1", "frontend-2"}}}
	m := message(push.Group("room:1"), strings.Repeat("x", 64))
	for _, senders := range []int{1, 64} {
		b.Run(fmt.Sprint("senders=", senders), func(b *testing.B) {
			broker := memory.New()
			defer broker.Close()
			sub, err := broker.Subscribe(b.Context(), "r", []string{push.Topic("test", "frontend-1"), push.Topic("test", "frontend-2")}, func(string, []byte) {})
			if err != nil {
				b.Fatal(err)
			}
			defer sub.Close(b.Context(), true)
			p := newProducer(b, broker, in, nil)
			b.ReportAllocs()
			b.SetParallelism(senders)
			if senders == 1 {
				for b.Loop() {
					send(b, p, m)
				}
				return
			}
			b.RunParallel(func(pb *testing.PB) {
				for pb.Next() {
					send(b, p, m)
				}
			})
		})
	}
}

// BenchmarkReceive takes messages of 16 pushes from the queue; one operation is
// one push.
func BenchmarkReceive(b *testing.B) {
	for _, ordered := range []bool{true, false} {
		b.Run(fmt.Sprint("ordered=", ordered), func(b *testing.B) {
			broker := &script{ordered: ordered}
			c := push.NewConsumer(push.ConsumerOptions{Broker: broker, Reader: "r", Topics: []string{topicAll}}, func(*hawospb.Envelope) {})
			if err := c.Start(b.Context()); err != nil {
				b.Fatal(err)
			}
			defer c.Close(b.Context(), true)
			seq := uint64(0)
			b.ReportAllocs()
			for i := 0; i < b.N; i += 16 {
				b.StopTimer()
				var m hawospb.Envelopes
				for range 16 {
					seq++
					e := envelope("chat-1", "e1", seq, 0)
					e.Payload = make([]byte, 64)
					m.Envelopes = append(m.Envelopes, e)
				}
				bytes, err := proto.Marshal(&m)
				if err != nil {
					b.Fatal(err)
				}
				b.StartTimer()
				broker.f(topicAll, bytes)
			}
		})
	}
}
