package link_test

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/session"
)

// pump is a session that always has one more request to send.
type pump struct {
	f       *frontend
	session *link.Session
	request link.Request
	left    *atomic.Int64
	done    *sync.WaitGroup
}

// LinkReply implements link.Receiver.
func (p *pump) LinkReply(r *link.Reply) {
	if r.Code != 0 {
		panic(fmt.Sprint("reply ", r.Code, r.Error))
	}
	if p.left.Add(-1) >= 0 {
		p.f.Send(p.session, p.request)
	} else {
		p.done.Done()
	}
}

// BenchmarkRoundTrip is a request over a loopback connection to an instance and
// back, without a websocket: allocations and CPU are those of both sides and of
// gRPC, with a handler that answers in the same words.
func BenchmarkRoundTrip(b *testing.B) {
	for _, inFlight := range []int{1, 16, 1000} {
		b.Run(fmt.Sprint(inFlight), func(b *testing.B) {
			s := newSystem(b)
			s.start("chat-1", link.ServerOptions{}, service("chat", 0, method(101,
				func(_ context.Context, in *hawospb.Notice) (*hawospb.Notice, error) { return in, nil }, route.Options{})))
			f := s.frontend("frontend-1", link.PoolOptions{})
			f.linked(1)
			payload, err := proto.Marshal(&hawospb.Notice{Text: string(make([]byte, 60))})
			if err != nil {
				b.Fatal(err)
			}
			var left atomic.Int64
			var done sync.WaitGroup
			left.Store(int64(b.N - inFlight))
			pumps := make([]*pump, min(inFlight, b.N))
			for n := range pumps {
				p := &pump{f: f, request: link.Request{ID: 101, Payload: payload}, left: &left, done: &done}
				p.session = f.OpenSession(session.Session{ID: fmt.Sprint(n), UID: "ann"}, p)
				pumps[n] = p
			}
			done.Add(len(pumps))
			b.ReportAllocs()
			before := cpu()
			b.ResetTimer()
			for _, p := range pumps {
				f.Send(p.session, p.request)
			}
			done.Wait()
			b.StopTimer()
			b.ReportMetric(float64((cpu()-before).Nanoseconds())/float64(b.N), "cpu-ns/op")
		})
	}
}

// cpu returns the time that this process has used so far.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
