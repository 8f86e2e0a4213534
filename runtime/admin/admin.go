// Package admin serves what operators ask a process: /healthz (it runs),
// /readyz (it is registered and takes requests; else 503 and why not), /metrics
// for Prometheus and /debug/pprof. It listens on 127.0.0.1 unless told otherwise,
// for profiles tell much to whoever can read them.
package admin

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/pprof"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/httpapi"
)

// Server is the admin endpoint of a process; Start, Addr and Stop are those of
// its HTTP server.
type Server struct {
	*httpapi.Server
	metrics *prometheus.Registry
	state   atomic.Pointer[string] // why the process is not ready; nil when it is
}

// New returns an endpoint that is not ready yet, with a registry of its own that
// holds the metrics of Go and of the process. An empty address is 127.0.0.1.
func New(c config.Admin, log *slog.Logger) *Server {
	if c.IP == "" {
		c.IP = "127.0.0.1"
	}
	s := &Server{metrics: prometheus.NewRegistry()}
	s.NotReady("starting")
	s.metrics.MustRegister(
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}),
	)
	s.Server = httpapi.NewPlain(config.Listen(c), s.mux(), log)
	return s
}

// Metrics returns the registry whose metrics /metrics shows.
func (s *Server) Metrics() *prometheus.Registry { return s.metrics }

// Ready makes /readyz answer 200.
func (s *Server) Ready() { s.state.Store(nil) }

// NotReady makes /readyz answer 503 with the reason, such as "draining".
func (s *Server) NotReady(reason string) { s.state.Store(&reason) }

func (s *Server) mux() *http.ServeMux {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", s.readyz)
	mux.Handle("GET /metrics", promhttp.HandlerFor(s.metrics, promhttp.HandlerOpts{Registry: s.metrics}))
	mux.HandleFunc("/debug/pprof/", pprof.Index)
	mux.HandleFunc("/debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("/debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("/debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("/debug/pprof/trace", pprof.Trace)
	return mux
}

func (s *Server) readyz(w http.ResponseWriter, _ *http.Request) {
	if reason := s.state.Load(); reason != nil {
		w.WriteHeader(http.StatusServiceUnavailable)
		fmt.Fprintln(w, *reason)
		return
	}
	io.WriteString(w, "ready\n")
}
