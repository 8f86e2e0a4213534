package load_test

import (
	"context"
	"net"
	"testing"
	"time"

	"github.com/hawos/hawos/bench/control"
	"github.com/hawos/hawos/bench/load"
	"github.com/hawos/hawos/bench/systems"
)

// echo returns where a server echoes, until the test's process ends.
func echo(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() { _ = systems.Echo(l) }()
	return l.Addr().String()
}

func TestRunLosesNothing(t *testing.T) {
	addr := echo(t)
	watch, err := control.Serve(nil)
	if err != nil {
		t.Fatal(err)
	}
	for name, o := range map[string]load.Options{
		"closed loop": {Conns: 3, InFlight: 1},
		"in flight":   {Conns: 3, InFlight: 16},
		"bursts":      {Conns: 3, InFlight: 16, Burst: true},
		"open loop":   {Conns: 3, Rate: 1000},
	} {
		t.Run(name, func(t *testing.T) {
			o.Addr, o.Dialect, o.Duration = addr, load.Plain, 100*time.Millisecond
			o.Watch = map[string]string{"gateway": watch}
			r, err := load.Run(context.Background(), o)
			if err != nil {
				t.Fatal(err)
			}
			if r.Requests == 0 || r.Lost != 0 || r.Refused != 0 || r.P50 == 0 {
				t.Errorf("got %d answered, %d lost, %d refused, p50 %v; want some, none, none, more than 0", r.Requests, r.Lost, r.Refused, r.P50)
			}
			if r.Cost["gateway"].CPU <= 0 {
				t.Error("got no CPU of the process that is watched")
			}
		})
	}
}

func TestHistogramQuantiles(t *testing.T) {
	var h load.Histogram
	for i := 1; i <= 1000; i++ {
		h.Add(time.Duration(i) * time.Microsecond)
	}
	for q, want := range map[float64]time.Duration{0: time.Microsecond, 0.5: 500 * time.Microsecond, 0.99: 990 * time.Microsecond} {
		got := h.Quantile(q)
		if got > want+want/20 || got < want-want/20 {
			t.Errorf("quantile %v: got %v, want %v within 5 %%", q, got, want)
		}
	}
	if h.Reset(); h.Quantile(0.5) != 0 {
		t.Errorf("got %v of nothing, want 0", h.Quantile(0.5))
	}
}
