package link

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
)

// poolMetrics counts what happens on the frontend's side of the links.
type poolMetrics struct {
	links    prometheus.Gauge
	inFlight prometheus.Gauge
	lost     prometheus.Counter
	resent   prometheus.Counter
	stray    prometheus.Counter
	silent   prometheus.Counter
	refusals map[*refusal]prometheus.Counter
}

func newPoolMetrics(r prometheus.Registerer, log *slog.Logger) *poolMetrics {
	refused := prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hawos_link_refused_total",
		Help: "Requests that the frontend answered because no instance could: unknown ID, unavailable, lost with its instance, full link, held by too many, late, large."}, []string{"why"})
	m := &poolMetrics{
		links:    prometheus.NewGauge(prometheus.GaugeOpts{Name: "hawos_links", Help: "Instances that are linked."}),
		inFlight: prometheus.NewGauge(prometheus.GaugeOpts{Name: "hawos_link_in_flight", Help: "Requests that instances owe an answer."}),
		lost:     prometheus.NewCounter(prometheus.CounterOpts{Name: "hawos_link_lost_total", Help: "Requests whose instance was lost before it answered."}),
		resent:   prometheus.NewCounter(prometheus.CounterOpts{Name: "hawos_link_resent_total", Help: "Idempotent requests sent again to another instance."}),
		stray:    prometheus.NewCounter(prometheus.CounterOpts{Name: "hawos_link_stray_replies_total", Help: "Replies to no request in flight."}),
		silent:   prometheus.NewCounter(prometheus.CounterOpts{Name: "hawos_link_silent_total", Help: "Times that an instance owed answers and gave none for a second."}),
		refusals: map[*refusal]prometheus.Counter{},
	}
	for _, why := range []*refusal{refuseUnknown, refuseNobody, refuseLost, refuseFull, refuseHeld, refuseTooLate, refuseTooLarge} {
		m.refusals[why] = refused.WithLabelValues(why.why)
	}
	register(r, log, m.links, m.inFlight, m.lost, m.resent, m.stray, m.silent, refused)
	return m
}

func (m *poolMetrics) refused(why *refusal) { m.refusals[why].Inc() }
