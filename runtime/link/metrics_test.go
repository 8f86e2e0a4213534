package link_test

import (
	"bytes"
	"log/slog"
	"testing"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hawos/hawos/runtime/link"
)

// An app gives its metrics the labels namespace and app; one that a metric had
// itself as well would keep it out.
func TestMetricsOfLinksGoUnderAnAppsLabels(t *testing.T) {
	var logged bytes.Buffer
	log := slog.New(slog.NewTextHandler(&logged, nil))
	all := prometheus.NewRegistry()
	labelled := prometheus.WrapRegistererWith(prometheus.Labels{"namespace": "test", "app": "chat"}, all)
	s := link.NewServer(link.ServerOptions{Instance: "chat-1", Epoch: "e", Namespace: "test", Log: log, Metrics: labelled})
	if err := s.Close(t.Context()); err != nil {
		t.Error(err)
	}
	if logged.Len() > 0 {
		t.Errorf("got %s, want nothing logged", logged.String())
	}
}
