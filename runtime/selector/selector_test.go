package selector_test

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/selector"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// source is a registry whose snapshots the test gives.
type source struct {
	registry.Registry
	registry.Watchers
}

func (s *source) Watch(ctx context.Context, f func([]registry.Instance)) (func(), error) {
	return s.Watchers.Watch(ctx, f)
}

var start = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// instance started n minutes after the epoch of the test.
func instance(app string, n int, entries ...route.Entry) registry.Instance {
	return registry.Instance{App: app, ID: fmt.Sprint(app, "-", n), Address: fmt.Sprint("127.0.0.1:", 1000+n), State: registry.Ready,
		Started: start.Add(time.Duration(n) * time.Minute), Entries: entries}
}

func entry(id uint32, method string) route.Entry { return route.Entry{ID: id, Method: method} }

// follow returns a selector, and a function that waits for the table of a
// snapshot.
func follow(t testing.TB, o selector.Options, first ...registry.Instance) (*selector.Selector, func(...registry.Instance) *selector.Table) {
	t.Helper()
	src := &source{}
	src.Publish(first)
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s, err := selector.New(context.Background(), src, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	tables := make(chan *selector.Table, 100)
	stop := s.Watch(func(t *selector.Table) { tables <- t })
	t.Cleanup(stop)
	<-tables
	return s, func(all ...registry.Instance) *selector.Table {
		src.Publish(all)
		return <-tables
	}
}

// except makes everything usable but the named indexes.
type except map[int]bool

func (e except) Usable(n int) bool { return !e[n] }

func picks(t *testing.T, table *selector.Table, id uint32, key uint64, u selector.Usable, n int) []string {
	t.Helper()
	r, ok := table.Lookup(id)
	if !ok {
		t.Fatalf("ID %d is unknown", id)
	}
	var all []string
	for range n {
		if i := table.Pick(r, key, u); i != nil {
			all = append(all, i.ID)
		} else {
			all = append(all, "nobody")
		}
	}
	return all
}

func TestFirstSnapshotIsThereFromTheStart(t *testing.T) {
	s, _ := follow(t, selector.Options{}, instance("chat", 1, entry(101, "chat.v1.Chat.Join")))
	if got := picks(t, s.Table(), 101, 0, except{}, 1); got[0] != "chat-1" {
		t.Errorf("got %v, want chat-1", got)
	}
}

func TestDefaultsNameWhatNobodyAnswers(t *testing.T) {
	s, swap := follow(t, selector.Options{Table: route.Table{Entries: []route.Entry{{ID: 101, App: "chat", Method: "chat.v1.Chat.Join"}}}})
	if got := picks(t, s.Table(), 101, 0, except{}, 1); got[0] != "nobody" {
		t.Errorf("got %v, want nobody", got)
	}
	if _, ok := s.Table().Lookup(102); ok {
		t.Error("102 is known")
	}
	table := swap(instance("chat", 1, route.Entry{ID: 101, Method: "chat.v1.Chat.Join", Options: route.Options{Idempotent: true}}))
	if r, _ := table.Lookup(101); !r.Options.Idempotent || r.App != "chat" {
		t.Errorf("got %+v, want the options of the live instance", r)
	}
	if r, _ := swap().Lookup(101); r.Options.Idempotent {
		t.Errorf("got %+v, want the default again", r)
	}
}

func TestRoundRobinSkipsWhoDrainsOrIsUnusable(t *testing.T) {
	e := entry(101, "chat.v1.Chat.Join")
	draining := instance("chat", 3, e)
	draining.State = registry.Draining
	s, _ := follow(t, selector.Options{}, instance("chat", 1, e), instance("chat", 2, e), draining, instance("chat", 4, e))
	seen := map[string]int{}
	for _, id := range picks(t, s.Table(), 101, 0, except{}, 30) {
		seen[id]++
	}
	if seen["chat-1"] != 10 || seen["chat-2"] != 10 || seen["chat-4"] != 10 {
		t.Errorf("got %v, want ten each of 1, 2 and 4", seen)
	}
	for _, id := range picks(t, s.Table(), 101, 0, except{0: true, 3: true}, 5) {
		if id != "chat-2" {
			t.Errorf("got %s, want chat-2, the only usable one", id)
		}
	}
	if len(s.Table().Instances()) != 4 {
		t.Errorf("got %d instances, want 4: who drains still owes answers", len(s.Table().Instances()))
	}
}

func TestRendezvousMovesOnlyTheKeysOfWhoLeft(t *testing.T) {
	e := route.Entry{ID: 101, Method: "chat.v1.Chat.Join", Balance: route.BalanceSession}
	s, swap := follow(t, selector.Options{}, instance("chat", 1, e), instance("chat", 2, e), instance("chat", 3, e))
	before := map[uint64]string{}
	share := map[string]int{}
	for n := range 3000 {
		key := selector.Key(fmt.Sprint("user", n))
		before[key] = picks(t, s.Table(), 101, key, except{}, 1)[0]
		share[before[key]]++
	}
	for id, n := range share {
		if n < 850 || n > 1150 {
			t.Errorf("%s has %d of 3000 keys, want about 1000", id, n)
		}
	}
	table := swap(instance("chat", 1, e), instance("chat", 3, e))
	for key, was := range before {
		if is := picks(t, table, 101, key, except{}, 1)[0]; was != "chat-2" && is != was {
			t.Fatalf("key of %s moved to %s though chat-2 left", was, is)
		}
	}
}

func TestEarlierServiceKeepsAnIDThatIsClaimedTwice(t *testing.T) {
	var log bytes.Buffer
	metrics := prometheus.NewRegistry()
	join, top := entry(101, "chat.v1.Chat.Join"), entry(101, "rank.v1.Rank.Top")
	other := entry(102, "chat.v1.Chat.Enter")
	renamed := entry(101, "chat.v1.Chat.Enter")
	s, swap := follow(t, selector.Options{Log: slog.New(slog.NewTextHandler(&log, nil)), Metrics: metrics},
		instance("rank", 5, top, entry(500, "rank.v1.Rank.Mine")), instance("chat", 1, join), instance("chat", 6, renamed, other))
	check := func(table *selector.Table, id uint32, want string) {
		t.Helper()
		for _, got := range picks(t, table, id, 0, except{}, 4) {
			if got != want {
				t.Errorf("ID %d: got %s, want %s", id, got, want)
			}
		}
	}
	check(s.Table(), 101, "chat-1") // neither rank nor the chat that has another method there
	check(s.Table(), 102, "chat-6") // what is not disputed is routed
	check(s.Table(), 500, "rank-5")
	if got := count(t, metrics, "hawos_route_conflicts_total"); got != 2 {
		t.Errorf("counted %v conflicts, want 2", got)
	}
	if n := strings.Count(log.String(), "protocol ID is claimed twice"); n != 2 || !strings.Contains(log.String(), `refused="rank rank.v1.Rank.Top"`) {
		t.Errorf("log: got %s", log.String())
	}
	swap(instance("rank", 5, top, entry(500, "rank.v1.Rank.Mine")), instance("chat", 1, join), instance("chat", 6, renamed, other), instance("chat", 7, join))
	if n := strings.Count(log.String(), "protocol ID is claimed twice"); n != 2 {
		t.Errorf("conflicts that last are logged again: %d lines", n)
	}
	check(swap(instance("rank", 5, top)), 101, "rank-5") // the earlier one is gone
}

func count(t *testing.T, r *prometheus.Registry, name string) float64 {
	t.Helper()
	all, err := r.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range all {
		if f.GetName() == name {
			return f.GetMetric()[0].GetCounter().GetValue()
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}

func TestInstancesOfTwoVersionsAnswerWhatEachHas(t *testing.T) {
	join, leave := entry(101, "chat.v1.Chat.Join"), entry(102, "chat.v1.Chat.Leave")
	slow := join
	slow.Options.Timeout = time.Minute
	s, _ := follow(t, selector.Options{}, instance("chat", 1, join), instance("chat", 2, slow, leave))
	for _, id := range picks(t, s.Table(), 102, 0, except{}, 4) {
		if id != "chat-2" {
			t.Errorf("102: got %s, want chat-2", id)
		}
	}
	seen := map[string]bool{}
	for _, id := range picks(t, s.Table(), 101, 0, except{}, 4) {
		seen[id] = true
	}
	if len(seen) != 2 {
		t.Errorf("101: got %v, want both", seen)
	}
	if r, _ := s.Table().Lookup(101); r.Options.Timeout != time.Minute {
		t.Errorf("options: got %+v, want those of the newer version", r.Options)
	}
}

func TestReadersNeverSeeAMixedTable(t *testing.T) {
	a, b := entry(101, "chat.v1.Chat.A"), entry(101, "chat.v1.Chat.B")
	s, swap := follow(t, selector.Options{}, instance("chat", 1, a))
	var readers sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		readers.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
				}
				table := s.Table()
				r, _ := table.Lookup(101)
				if i := table.Pick(r, 0, except{}); i.Entries[0].Method != r.Method {
					t.Errorf("route %s was given to %s", r.Method, i.ID)
					return
				}
			}
		})
	}
	for range 200 {
		swap(instance("chat", 2, b))
		swap(instance("chat", 1, a))
	}
	close(stop)
	readers.Wait()
}
