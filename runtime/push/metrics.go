package push

import (
	"errors"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

type producerMetrics struct {
	ok, failed, offline, messages, envelopes, retries prometheus.Counter
	seconds                                           prometheus.Histogram
}

func newProducerMetrics(r prometheus.Registerer) *producerMetrics {
	sends := register(r, prometheus.NewCounterVec(prometheus.CounterOpts{
		Name: "hawos_push_sends_total", Help: "Sends by result: ok or error.",
	}, []string{"result"}))
	return &producerMetrics{
		ok:        sends.WithLabelValues("ok"),
		failed:    sends.WithLabelValues("error"),
		offline:   counter(r, "hawos_push_offline_total", "Uids of pushes that were not logged in."),
		messages:  counter(r, "hawos_push_published_messages_total", "Messages that the queue acknowledged."),
		envelopes: counter(r, "hawos_push_published_envelopes_total", "Pushes in messages that the queue acknowledged, per topic."),
		retries:   counter(r, "hawos_push_publish_retries_total", "Publishes that were refused and tried again."),
		seconds: register(r, prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "hawos_push_publish_seconds", Help: "Time until the queue acknowledged a message, retries included.",
			Buckets: prometheus.ExponentialBuckets(0.0005, 2, 14),
		})),
	}
}

func (m *producerMetrics) sent(err error) {
	if err != nil {
		m.failed.Inc()
		return
	}
	m.ok.Inc()
}

func (m *producerMetrics) published(envelopes int, took time.Duration) {
	m.messages.Inc()
	m.envelopes.Add(float64(envelopes))
	m.seconds.Observe(took.Seconds())
}

type consumerMetrics struct {
	delivered, doubles, lost, late, expired, malformed, reordered prometheus.Counter
}

func newConsumerMetrics(r prometheus.Registerer) *consumerMetrics {
	return &consumerMetrics{
		delivered: counter(r, "hawos_push_received_total", "Pushes taken from the queue and handed out."),
		doubles:   counter(r, "hawos_push_doubles_total", "Pushes that the queue brought again, or after their Send had failed; dropped."),
		lost:      counter(r, "hawos_push_lost_total", "Pushes that the queue did not bring in time; others went on without them."),
		late:      counter(r, "hawos_push_late_total", "Pushes counted as lost that came after all; handed out out of order."),
		expired:   counter(r, "hawos_push_expired_total", "Pushes older than their ttl; dropped."),
		malformed: counter(r, "hawos_push_malformed_total", "Messages of the queue, or pushes in them, that make no sense; dropped."),
		reordered: counter(r, "hawos_push_reordered_total", "Pushes that waited for earlier ones."),
	}
}

func counter(r prometheus.Registerer, name, help string) prometheus.Counter {
	return register(r, prometheus.NewCounter(prometheus.CounterOpts{Name: name, Help: help}))
}

// register returns c, or the same collector where r has it already: several
// producers of a process count together.
func register[C prometheus.Collector](r prometheus.Registerer, c C) C {
	if r == nil {
		return c
	}
	var already prometheus.AlreadyRegisteredError
	if err := r.Register(c); errors.As(err, &already) {
		if same, ok := already.ExistingCollector.(C); ok {
			return same
		}
	}
	return c
}
