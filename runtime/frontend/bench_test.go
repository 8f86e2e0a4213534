package frontend_test

import (
	"fmt"
	"io"
	"sync/atomic"
	"testing"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/wire"
)

// BenchmarkRequest is one request of a client through a frontend and a service in
// the same process, sockets included.
func BenchmarkRequest(b *testing.B) {
	n, _ := start(b, nil)
	for _, depth := range []uint32{1, 16} {
		b.Run(fmt.Sprint(depth, " in flight"), func(b *testing.B) {
			c := n.login(b, "ann")
			p := wire.Packet{ID: idEcho, Payload: c.payload(&hawospb.Notice{Text: string(make([]byte, 60))})}
			var out []byte
			one := func(seq uint32) {
				p.Seq = seq
				out = p.Append(out[:0])
				if err := c.WriteMessage(2, out); err != nil {
					b.Fatal(err)
				}
			}
			for seq := range depth - 1 {
				one(seq + 1)
			}
			seq := depth
			b.ReportAllocs()
			for b.Loop() {
				one(seq)
				if _, r, err := c.NextReader(); err != nil {
					b.Fatal(err)
				} else if _, err := io.Copy(io.Discard, r); err != nil {
					b.Fatal(err)
				}
				seq++
			}
		})
	}
}

// BenchmarkFanOut is one push to the members of a group, until the last of them
// has it.
func BenchmarkFanOut(b *testing.B) {
	for _, size := range []int{1000, 8000} {
		b.Run(fmt.Sprint(size, " members"), func(b *testing.B) {
			n, _ := start(b, nil)
			var received atomic.Int64
			told := make(chan struct{}, 1)
			var want atomic.Int64
			for i := range size {
				c := n.login(b, fmt.Sprint("u", i))
				c.call(idJoin, 1, &hawospb.Notice{Text: "room"})
				go func() {
					for {
						if _, _, err := c.NextReader(); err != nil {
							return
						}
						if received.Add(1) == want.Load() {
							told <- struct{}{}
						}
					}
				}()
			}
			e := &hawospb.Envelope{Id: idNews, Payload: make([]byte, 64), Target: &hawospb.Target{Group: "room"}}
			b.ReportAllocs()
			for b.Loop() {
				want.Add(int64(size))
				if got := n.HandOut(e); got != size {
					b.Fatalf("handed to %d, want %d", got, size)
				}
				<-told
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*size), "ns/delivery")
		})
	}
}
