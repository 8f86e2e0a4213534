package link

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
)

// register does nothing where r is nil. What cannot be registered is logged:
// traffic without metrics is better than none.
func register(r prometheus.Registerer, log *slog.Logger, all ...prometheus.Collector) {
	if r == nil {
		return
	}
	for _, c := range all {
		if err := r.Register(c); err != nil {
			log.Error("metrics of links are incomplete", "error", err)
		}
	}
}
