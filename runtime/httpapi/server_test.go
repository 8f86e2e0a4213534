package httpapi_test

import (
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"go.uber.org/goleak"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/httpapi"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var local = config.Listen{IP: "127.0.0.1"}

func start(t *testing.T, h http.Handler) *httpapi.Server {
	t.Helper()
	s := httpapi.New(local, h, slog.New(slog.DiscardHandler))
	if err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		http.DefaultClient.CloseIdleConnections()
	})
	return s
}

func TestDrainAnswersWhatIsUnderWay(t *testing.T) {
	entered, finish := make(chan struct{}), make(chan struct{})
	s := start(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(entered)
		<-finish
		io.WriteString(w, "done")
	}))
	answer := make(chan string, 1)
	go func() {
		resp, err := http.Get("http://" + s.Addr())
		if err != nil {
			answer <- err.Error()
			return
		}
		defer resp.Body.Close()
		text, _ := io.ReadAll(resp.Body)
		answer <- string(text)
	}()
	<-entered
	drained := make(chan error, 1)
	go func() { drained <- s.Drain(context.Background()) }()
	select {
	case err := <-drained:
		t.Fatalf("drained with %v before the request was answered", err)
	default:
	}
	close(finish)
	if got := <-answer; got != "done" {
		t.Errorf("got %q, want done", got)
	}
	if err := <-drained; err != nil {
		t.Errorf("drain: %v", err)
	}
}

func TestDrainEndsWithItsContextAndStopCutsOff(t *testing.T) {
	entered := make(chan struct{})
	s := start(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		close(entered)
		<-r.Context().Done()
	}))
	gone := make(chan error, 1)
	go func() {
		resp, err := http.Get("http://" + s.Addr())
		if err == nil {
			resp.Body.Close()
		}
		gone <- err
	}()
	<-entered
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := s.Drain(ctx); !errors.Is(err, context.Canceled) {
		t.Errorf("drain: got %v, want %v", err, context.Canceled)
	}
	if err := s.Stop(context.Background()); err != nil {
		t.Errorf("stop: %v", err)
	}
	if err := <-gone; err == nil {
		t.Error("the request was answered, want it cut off")
	}
}

func TestTakenPortIsNamed(t *testing.T) {
	s := start(t, http.NotFoundHandler())
	_, port, _ := strings.Cut(s.Addr(), ":")
	c := local
	for _, d := range port {
		c.Port = c.Port*10 + int(d-'0')
	}
	other := httpapi.New(c, http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	if err := other.Start(t.Context()); err == nil || !strings.Contains(err.Error(), port) {
		t.Errorf("got %v, want an error that names port %s", err, port)
	}
	if err := other.Stop(context.Background()); err != nil {
		t.Errorf("stop of a server that never started: %v", err)
	}
}
