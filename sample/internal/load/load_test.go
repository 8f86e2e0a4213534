package load_test

import (
	"testing"
	"time"

	"github.com/hawos/hawos/sample/internal/load"
)

const base = 1000

var (
	ann = load.Member{UID: "ann", Room: "a"}
	bob = load.Member{UID: "bob", Room: "a"}
)

// book enters n messages of ann that were answered OK.
func book(n int) *load.Ledger {
	l := load.NewLedger(base, []load.Member{ann, bob})
	for range n {
		l.OK("ann", l.Send("ann", time.Now()))
	}
	return l
}

func hear(l *load.Ledger, m load.Member, nonces ...uint64) {
	for _, n := range nonces {
		l.Receiver(m).Hear("ann", base+n, time.Now())
	}
}

func TestAuditFindsWhatWentWrong(t *testing.T) {
	for _, c := range []struct {
		name  string
		heard []uint64
		want  load.Audit
	}{
		{"all well", []uint64{0, 1, 2}, load.Audit{Expected: 6, Received: 6}},
		{"one lost", []uint64{0, 2}, load.Audit{Expected: 6, Received: 5}},
		{"last lost", []uint64{0, 1}, load.Audit{Expected: 6, Received: 5}},
		{"one twice", []uint64{0, 1, 1, 2}, load.Audit{Expected: 6, Received: 6, Duplicates: 1}},
		{"two exchanged", []uint64{1, 0, 2}, load.Audit{Expected: 6, Received: 6, OutOfOrder: 1}},
		{"one of another run", []uint64{0, 1, 2, 77}, load.Audit{Expected: 6, Received: 6}},
	} {
		t.Run(c.name, func(t *testing.T) {
			l := book(3)
			hear(l, ann, 0, 1, 2)
			hear(l, bob, c.heard...)
			got := l.Audit()
			if got.OK() != (len(got.Faults) == 0) {
				t.Errorf("OK is %v with faults %q", got.OK(), got.Faults)
			}
			got.Faults = nil
			if got.Expected != c.want.Expected || got.Received != c.want.Received ||
				got.Duplicates != c.want.Duplicates || got.OutOfOrder != c.want.OutOfOrder {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

// Who was disconnected misses what came then, but nothing in the middle of what
// it heard.
func TestAuditOfDisconnectedReceiver(t *testing.T) {
	l := book(3)
	hear(l, ann, 0, 1, 2)
	hear(l, bob, 0)
	l.Receiver(bob).Disconnected()
	if got := l.Audit(); got.Lost() != 0 || got.Expected != 4 {
		t.Errorf("end missing: got %+v, want 4 expected, none lost", got)
	}
	hear(l, bob, 2)
	if got := l.Audit(); got.Lost() != 1 {
		t.Errorf("middle missing: got %+v, want 1 lost", got)
	}
}

func TestUnansweredMessageMayBeHeardOrNot(t *testing.T) {
	l := book(1)
	l.Send("ann", time.Now()) // no OK
	hear(l, ann, 0, 1)
	hear(l, bob, 0)
	if got := l.Audit(); !got.OK() || got.Expected != 2 {
		t.Errorf("got %+v, want 2 expected and all well", got)
	}
}

func TestPlanKeepsDeliveriesFeasible(t *testing.T) {
	for _, c := range []struct {
		name string
		o    load.Options
		room string // of the last member
		rate float64
	}{
		{"spread", load.Options{IDs: []string{"1", "2", "3"}, Count: 100, Duration: time.Second}, "load-3-5", 10_000.0 / (15 * 20 * 20)},
		{"few", load.Options{IDs: []string{"1"}, Count: 3, Duration: time.Second}, "load-1-1", 2},
		{"one room", load.Options{IDs: []string{"1"}, Count: 200, Duration: time.Second, Room: "hall"}, "hall", 0.25},
		{"chosen", load.Options{IDs: []string{"1"}, Count: 200, Duration: time.Second, Room: "hall", Rate: 7}, "hall", 7},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := load.NewPlan(c.o)
			if err != nil {
				t.Fatal(err)
			}
			if last := p.Members[len(p.Members)-1]; last.Room != c.room || p.Rate != c.rate {
				t.Errorf("got room %q, rate %v, want %q, %v", last.Room, p.Rate, c.room, c.rate)
			}
		})
	}
}

func TestQuantileIsCloseToTheTruth(t *testing.T) {
	var l load.Latency
	for i := range 1000 {
		l.Add(time.Duration(i+1) * time.Microsecond)
	}
	for _, c := range []struct {
		q    float64
		want time.Duration
	}{{0.5, 500 * time.Microsecond}, {0.99, 990 * time.Microsecond}, {1, 0}} {
		got := l.Quantile(c.q)
		if c.q < 1 && (got < c.want || got > c.want+c.want/8) {
			t.Errorf("quantile %v: got %v, want %v and at most an eighth more", c.q, got, c.want)
		}
	}
	var none load.Latency
	if got := none.Quantile(0.5); got != 0 {
		t.Errorf("quantile of nothing: got %v, want 0", got)
	}
}
