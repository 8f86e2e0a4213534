package link_test

import (
	"context"
	"fmt"
	"strconv"
	"sync"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/session"
)

// journal is what handlers wrote down: per session the numbers of the requests,
// in the order in which they began.
type journal struct {
	mu  sync.Mutex
	ran map[string][]int
}

func (j *journal) say(ctx context.Context, in *hawospb.Notice) (*hawospb.Notice, error) {
	n, err := strconv.Atoi(in.Text)
	if err != nil {
		return nil, err
	}
	who, _ := session.From(ctx)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.ran[who.ID] = append(j.ran[who.ID], n)
	return in, nil
}

// TestEveryRequestIsAnsweredOnceWhileInstancesComeAndGo holds, under crashes,
// drains and restarts: one answer per request; nothing answered OK that did not
// run; a session's requests run in their order, each at most twice, and twice
// only where it is idempotent.
func TestEveryRequestIsAnsweredOnceWhileInstancesComeAndGo(t *testing.T) {
	const clients, depth, upheavals = 20, 8, 12
	s := newSystem(t)
	j := &journal{ran: map[string][]int{}}
	run := func(name string) *instance {
		return s.start(name, link.ServerOptions{}, service("chat", 0,
			method(plainID, j.say, route.Options{}), method(idempotentID, j.say, route.Options{Idempotent: true})))
	}
	instances := []*instance{run("chat-1"), run("chat-2"), run("chat-3")}
	f := s.frontend("frontend-1", link.PoolOptions{})
	f.linked(3)

	var senders sync.WaitGroup
	answers := make([]map[uint64]uint32, clients)
	calm := make(chan struct{})
	for n := range clients {
		c := f.client(fmt.Sprint("s", n), "")
		answers[n] = map[uint64]uint32{}
		senders.Go(func() {
			flying := 0
			take := func() {
				r := c.reply()
				if _, twice := answers[n][r.Tag]; twice {
					t.Errorf("s%d: request %d was answered twice", n, r.Tag)
				}
				answers[n][r.Tag] = r.Code
				flying--
			}
			for k := 0; ; k++ {
				select {
				case <-calm:
					for flying > 0 {
						take()
					}
					return
				default:
				}
				c.send(uint32(plainID+k%2), fmt.Sprint(k+1))
				for flying++; flying >= depth; {
					take()
				}
			}
		})
	}
	for n := range upheavals {
		i := instances[n%3]
		if n%2 == 0 {
			if err := i.Drain(t.Context()); err != nil {
				t.Errorf("drain: %v", err)
			}
		}
		i.kill()
		if err := i.Registration.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		instances[n%3] = run(i.info.ID)
		f.linked(3)
	}
	close(calm)
	senders.Wait()
	total, failed := 0, 0
	for n, codesOf := range answers {
		for _, code := range codesOf {
			if total++; code != 0 {
				failed++
			}
		}
		check(t, fmt.Sprint("s", n), codesOf, j.ran[fmt.Sprint("s", n)])
	}
	t.Logf("%d requests, %d of them lost with their instance", total, failed)
}

func check(t *testing.T, id string, answered map[uint64]uint32, ran []int) {
	t.Helper()
	times := map[int]int{}
	last := 0
	for _, n := range ran {
		if times[n]++; times[n] > 1 && (n%2 == 1 || times[n] > 2) { // odd numbers are not idempotent
			t.Errorf("%s: request %d ran %d times", id, n, times[n])
		}
		if answered[uint64(n)] != 0 {
			continue // its instance was lost: it may have run any time
		}
		if times[n] == 1 && n < last {
			t.Errorf("%s: request %d ran first after %d", id, n, last)
		}
		last = max(last, n)
	}
	for n := 1; n <= len(answered); n++ {
		code, ok := answered[uint64(n)]
		switch {
		case !ok:
			t.Errorf("%s: request %d was not answered", id, n)
		case code == 0 && times[n] == 0:
			t.Errorf("%s: request %d was answered OK and did not run", id, n)
		case code != 0 && code != uint32(codes.Unavailable):
			t.Errorf("%s: request %d was answered %d", id, n, code)
		}
	}
}
