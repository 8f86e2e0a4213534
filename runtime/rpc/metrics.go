package rpc

import (
	"log/slog"
	"strconv"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hawos/hawos/runtime/errcode"
)

// metrics of one direction: calls answered, or calls made. Methods are those of
// registered services, so their number is bounded.
type metrics struct {
	calls    *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	inFlight *prometheus.GaugeVec
	panics   prometheus.Counter
	methods  sync.Map // name → *methodMetrics
}

// methodMetrics are resolved once per method.
type methodMetrics struct {
	ok       prometheus.Counter
	failed   *prometheus.CounterVec // by code
	seconds  prometheus.Observer
	inFlight prometheus.Gauge
}

func newMetrics(r prometheus.Registerer, log *slog.Logger, prefix, verb string) *metrics {
	m := &metrics{
		calls: prometheus.NewCounterVec(prometheus.CounterOpts{Name: prefix + "_calls_total", Help: "gRPC calls " + verb + "."}, []string{"method", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: prefix + "_call_seconds", Help: "Duration of gRPC calls " + verb + ".",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}}, []string{"method"}),
		inFlight: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: prefix + "_calls_in_flight", Help: "gRPC calls being " + verb + "."}, []string{"method"}),
		panics:   prometheus.NewCounter(prometheus.CounterOpts{Name: prefix + "_panics_total", Help: "gRPC handlers that panicked."}),
	}
	if r == nil {
		return m
	}
	for _, c := range []prometheus.Collector{m.calls, m.seconds, m.inFlight, m.panics} {
		if err := r.Register(c); err != nil {
			log.Error("metrics of gRPC are incomplete", "error", err)
		}
	}
	return m
}

// begin notes the start of a call; the function it returns, its end.
func (m *metrics) begin(method string) func(error) {
	known, ok := m.methods.Load(method)
	if !ok {
		l := prometheus.Labels{"method": method}
		failed := m.calls.MustCurryWith(l)
		known, _ = m.methods.LoadOrStore(method, &methodMetrics{ok: failed.WithLabelValues("0"), failed: failed,
			seconds: m.seconds.With(l), inFlight: m.inFlight.With(l)})
	}
	one := known.(*methodMetrics)
	one.inFlight.Inc()
	start := time.Now()
	return func(err error) {
		one.inFlight.Dec()
		one.seconds.Observe(time.Since(start).Seconds())
		if err == nil {
			one.ok.Inc()
			return
		}
		one.failed.WithLabelValues(strconv.FormatUint(uint64(errcode.From(err).Code()), 10)).Inc()
	}
}
