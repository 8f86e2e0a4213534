package admin_test

import (
	"context"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"

	"github.com/hawos/hawos/runtime/admin"
	"github.com/hawos/hawos/runtime/config"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func start(t *testing.T) *admin.Server {
	t.Helper()
	s := admin.New(config.Admin{}, slog.New(slog.DiscardHandler))
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		http.DefaultClient.CloseIdleConnections()
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s
}

func get(t *testing.T, s *admin.Server, path string) (int, string) {
	t.Helper()
	resp, err := http.Get("http://" + s.Addr() + path)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return resp.StatusCode, string(text)
}

func TestReadyzFollowsTheProcess(t *testing.T) {
	s := start(t)
	if !strings.HasPrefix(s.Addr(), "127.0.0.1:") {
		t.Errorf("it listens on %s, want 127.0.0.1", s.Addr())
	}
	want := func(code int, text string) {
		t.Helper()
		if c, got := get(t, s, "/readyz"); c != code || got != text {
			t.Errorf("readyz: got %d %q, want %d %q", c, got, code, text)
		}
		if c, got := get(t, s, "/healthz"); c != 200 || got != "ok\n" {
			t.Errorf("healthz: got %d %q, want 200", c, got)
		}
	}
	want(503, "starting\n")
	s.Ready()
	want(200, "ready\n")
	s.NotReady("draining")
	want(503, "draining\n")
}

func TestMetricsShowGoTheProcessAndOnesOwn(t *testing.T) {
	s := start(t)
	c := prometheus.NewCounter(prometheus.CounterOpts{Name: "hawos_test_total", Help: "Test."})
	s.Metrics().MustRegister(c)
	c.Inc()
	_, text := get(t, s, "/metrics")
	for _, want := range []string{"hawos_test_total 1", "go_goroutines ", "process_open_fds "} {
		if !strings.Contains(text, want) {
			t.Errorf("metrics lack %q", want)
		}
	}
}

func TestProfilesAreServed(t *testing.T) {
	s := start(t)
	for path, want := range map[string]string{
		"/debug/pprof/":                  "goroutine",
		"/debug/pprof/goroutine?debug=1": "goroutine profile:",
		"/debug/pprof/cmdline":           "admin.test",
		"/debug/pprof/profile?seconds=1": "",
	} {
		if code, text := get(t, s, path); code != 200 || !strings.Contains(text, want) {
			t.Errorf("%s: got %d %.80q, want 200 and %q", path, code, text, want)
		}
	}
}
