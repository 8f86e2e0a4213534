package link

import (
	"log/slog"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// serverMetrics counts what an instance does for its frontends.
type serverMetrics struct {
	requests  *prometheus.CounterVec
	seconds   *prometheus.HistogramVec
	inFlight  *prometheus.GaugeVec
	frontends prometheus.Gauge
	refused   prometheus.Counter
	dropped   prometheus.Counter
	panics    prometheus.Counter
}

// methodMetrics are resolved once, so that a request looks nothing up.
type methodMetrics struct {
	inFlight prometheus.Gauge
	ok       prometheus.Counter
	seconds  prometheus.Observer
	failed   *prometheus.CounterVec // by code
}

func newServerMetrics(r prometheus.Registerer, log *slog.Logger, pending func() float64) *serverMetrics {
	m := &serverMetrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hawos_requests_total",
			Help: "Clients' requests that the instance answered."}, []string{"method", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "hawos_request_seconds",
			Help:    "Time from a request's arrival at the instance to its answer.",
			Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}}, []string{"method"}),
		inFlight: prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "hawos_requests_in_flight",
			Help: "Clients' requests that wait or run."}, []string{"method"}),
		frontends: prometheus.NewGauge(prometheus.GaugeOpts{Name: "hawos_linked_frontends", Help: "Frontends that are linked."}),
		refused:   prometheus.NewCounter(prometheus.CounterOpts{Name: "hawos_requests_refused_total", Help: "Requests refused because too many wait."}),
		dropped:   prometheus.NewCounter(prometheus.CounterOpts{Name: "hawos_replies_dropped_total", Help: "Replies to frontends that are gone."}),
		panics:    prometheus.NewCounter(prometheus.CounterOpts{Name: "hawos_panics_total", Help: "Handlers that panicked."}),
	}
	waiting := prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "hawos_requests_pending", Help: "Requests and session events that wait or run."}, pending)
	register(r, log, m.requests, m.seconds, m.inFlight, m.frontends, m.refused, m.dropped, m.panics, waiting)
	return m
}

func (m *serverMetrics) method(name string) methodMetrics {
	l := prometheus.Labels{"method": name}
	failed := m.requests.MustCurryWith(l)
	return methodMetrics{inFlight: m.inFlight.With(l), ok: failed.WithLabelValues("0"), seconds: m.seconds.With(l), failed: failed}
}

func (m *methodMetrics) done(code uint32, took time.Duration) {
	m.inFlight.Dec()
	m.seconds.Observe(took.Seconds())
	if code == 0 {
		m.ok.Inc()
		return
	}
	m.failed.WithLabelValues(strconv.FormatUint(uint64(code), 10)).Inc()
}
