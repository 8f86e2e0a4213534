package frontend

import (
	"errors"
	"strconv"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hawos/hawos/runtime/frontend/conn"
	"github.com/hawos/hawos/runtime/route"
)

// metrics of a frontend. What is counted per packet is an atomic of conn.Stats
// that is read when somebody asks.
type metrics struct {
	refusedUpgrades, deliveries, untranscoded, absent, forwarded prometheus.Counter
	refused, closes                                              *prometheus.CounterVec
	inFlight                                                     prometheus.Gauge
	latency                                                      prometheus.Histogram
}

func newMetrics(r prometheus.Registerer, f *Frontend) *metrics {
	counts(r, f.acceptor.Stats())
	gauge(r, "hawos_frontend_sessions", "Connections that are open.", func() float64 { return float64(f.sessions.open.Load()) })
	gauge(r, "hawos_frontend_logins", "Sessions that are logged in.", func() float64 { return float64(f.sessions.logins.Load()) })
	gauge(r, "hawos_frontend_groups", "Groups with members here.", func() float64 { return float64(f.groups.Len()) })
	return &metrics{
		refusedUpgrades: counter(r, "hawos_frontend_refused_upgrades_total", "Clients that were refused before they had a session."),
		deliveries:      counter(r, "hawos_frontend_push_deliveries_total", "Pushes handed to a session, per session."),
		untranscoded:    counter(r, "hawos_frontend_push_untranscoded_total", "Pushes that JSON clients did not get, for no instance has told their type."),
		absent:          counter(r, "hawos_frontend_push_absent_total", "Uids of pushes that were at no frontend."),
		forwarded:       counter(r, "hawos_frontend_push_forwarded_total", "Uids of pushes that were sent on to another frontend."),
		refused: register(r, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hawos_frontend_refused_requests_total", Help: "Requests that the frontend answered itself, by code.",
		}, []string{"code"})),
		closes: register(r, prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "hawos_frontend_closes_total", Help: "Sessions that ended, by close code; 1006 is a lost connection.",
		}, []string{"code"})),
		inFlight: register(r, prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "hawos_frontend_in_flight", Help: "Requests that clients wait for.",
		})),
		latency: register(r, prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "hawos_frontend_request_seconds", Help: "Time from a request to its reply.",
			Buckets: prometheus.ExponentialBuckets(0.00025, 2, 16),
		})),
	}
}

func counts(r prometheus.Registerer, s *conn.Stats) {
	for name, c := range map[string]struct {
		help string
		load func() uint64
	}{
		"hawos_frontend_packets_in_total":   {"Packets from clients.", s.PacketsIn.Load},
		"hawos_frontend_packets_out_total":  {"Packets to clients, control frames included.", s.PacketsOut.Load},
		"hawos_frontend_bytes_in_total":     {"Bytes of packets from clients.", s.BytesIn.Load},
		"hawos_frontend_bytes_out_total":    {"Bytes to clients, frame headers included.", s.BytesOut.Load},
		"hawos_frontend_push_expired_total": {"Pushes whose ttl ran out while they waited for a slow client.", s.Expired.Load},
	} {
		register(r, prometheus.NewCounterFunc(prometheus.CounterOpts{Name: name, Help: c.help}, func() float64 { return float64(c.load()) }))
	}
	for class, name := range map[route.Class]string{route.Latest: "latest", route.DropOldest: "drop_oldest"} {
		register(r, prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "hawos_frontend_push_drops_total", Help: "Pushes that a slow client did not get, by delivery class.",
			ConstLabels: prometheus.Labels{"class": name},
		}, func() float64 { return float64(s.Dropped[class].Load()) }))
	}
}

func (m *metrics) refusedRequest(code uint32) {
	m.refused.WithLabelValues(strconv.FormatUint(uint64(code), 10)).Inc()
}

// closed counts a close. A client chooses its codes: those that mean nothing are
// counted together.
func (m *metrics) closed(code int) {
	label := "other"
	if code >= 1000 && code <= 1015 || code >= 4400 && code < 4600 {
		label = strconv.Itoa(code)
	}
	m.closes.WithLabelValues(label).Inc()
}

func counter(r prometheus.Registerer, name, help string) prometheus.Counter {
	return register(r, prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help}))
}

func gauge(r prometheus.Registerer, name, help string, f func() float64) {
	register(r, prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: name, Help: help}, f))
}

// register returns what is registered under the name already, if there is
// something.
func register[C prometheus.Collector](r prometheus.Registerer, c C) C {
	if r == nil {
		return c
	}
	var there prometheus.AlreadyRegisteredError
	if err := r.Register(c); errors.As(err, &there) {
		if old, ok := there.ExistingCollector.(C); ok {
			return old
		}
	}
	return c
}
