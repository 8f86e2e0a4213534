package app

import (
	"bytes"
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/mode"
)

// safeBuffer may be written and read at once.
type safeBuffer struct {
	mu    sync.Mutex
	b     bytes.Buffer
	wrote chan struct{} // holds a token after a write
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case b.wrote <- struct{}{}:
	default:
	}
	return b.b.Write(p)
}

// await returns when the text has been written.
func (b *safeBuffer) await(t *testing.T, text string) {
	t.Helper()
	limit := time.After(10 * time.Second)
	for !strings.Contains(b.String(), text) {
		select {
		case <-b.wrote:
		case <-limit:
			t.Fatalf("no %q after 10s: %s", text, b.String())
		}
	}
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

// started is a process under test.
type started struct {
	signals        chan os.Signal
	stdout, stderr safeBuffer
	status         chan int
}

func start(t *testing.T, args []string, settings any, setup Setup) *started {
	t.Helper()
	s := &started{signals: make(chan os.Signal), status: make(chan int, 1)}
	s.stderr.wrote = make(chan struct{}, 1)
	p := process{args: append([]string{"--config", t.TempDir(), "--mode", "test"}, args...), stdout: &s.stdout, stderr: &s.stderr, signals: s.signals}
	go func() { s.status <- p.run("chat", settings, Drivers{}, setup) }()
	return s
}

func (s *started) exit(t *testing.T) int {
	t.Helper()
	select {
	case status := <-s.status:
		return status
	case <-time.After(10 * time.Second):
		t.Fatalf("it has not ended after 10s: %s", s.stderr.String())
		return 0
	}
}

// hanging is a Server whose Drain ends with release alone.
type hanging struct{ started, draining, release chan struct{} }

func newHanging() *hanging {
	return &hanging{started: make(chan struct{}), draining: make(chan struct{}), release: make(chan struct{})}
}

func (h *hanging) Start(context.Context) error { close(h.started); return nil }
func (h *hanging) Drain(context.Context) error { close(h.draining); <-h.release; return nil }
func (h *hanging) Stop(context.Context) error  { return nil }

func nothing(context.Context, *App) error { return nil }

func TestSignalStopsAndASecondOneForces(t *testing.T) {
	for _, second := range []bool{false, true} {
		h := newHanging()
		ended := make(chan struct{})
		s := start(t, nil, new(config.Config), func(_ context.Context, a *App) error {
			a.Serve(h)
			a.OnStop(func(context.Context) error { close(ended); return nil })
			return nil
		})
		<-h.started
		s.signals <- syscall.SIGTERM
		<-h.draining
		want := 0
		if second {
			s.signals <- os.Interrupt
			want = 1
		} else {
			close(h.release)
		}
		if got := s.exit(t); got != want {
			t.Errorf("second %v: got status %d, want %d: %s", second, got, want, s.stderr.String())
		}
		if second {
			close(h.release) // a real process is gone by now
			<-ended
		}
	}
}

func TestErrorsAreToldAndEndWithOne(t *testing.T) {
	dir := t.TempDir()
	s := start(t, []string{"--log.dir", dir}, new(config.Config), func(context.Context, *App) error { return errors.New("no room") })
	if got := s.exit(t); got != 1 || !strings.Contains(s.stderr.String(), "no room") {
		t.Errorf("setup: got status %d, %s", got, s.stderr.String())
	}
	if text, err := os.ReadFile(filepath.Join(dir, "chat-1.log")); err != nil || !strings.Contains(string(text), "no room") {
		t.Errorf("log file: got %q, %v", text, err)
	}
	s = start(t, []string{"--rpc.prot=1", "--mode=prod"}, new(config.Config), nothing)
	if got := s.exit(t); got != 1 || !strings.Contains(s.stderr.String(), "did you mean --rpc.port?") || !strings.Contains(s.stderr.String(), "no mode") {
		t.Errorf("settings: got status %d, %s", got, s.stderr.String())
	}
	s = start(t, nil, new(struct{}), nothing)
	if got := s.exit(t); got != 1 || !strings.Contains(s.stderr.String(), "mode") {
		t.Errorf("settings without a Config: got status %d, %s", got, s.stderr.String())
	}
}

func TestHelpIsNoError(t *testing.T) {
	s := start(t, []string{"--help"}, new(config.Config), nothing)
	if got := s.exit(t); got != 0 || !strings.Contains(s.stdout.String(), "Usage: chat") || s.stderr.String() != "" {
		t.Errorf("got status %d, %s", got, s.stderr.String())
	}
}

func TestSignalDuringSetupIsACleanStop(t *testing.T) {
	entered := make(chan struct{})
	s := start(t, nil, new(config.Config), func(ctx context.Context, _ *App) error {
		close(entered)
		<-ctx.Done()
		return ctx.Err()
	})
	<-entered
	s.signals <- syscall.SIGTERM
	if got := s.exit(t); got != 0 {
		t.Errorf("got status %d, want 0: %s", got, s.stderr.String())
	}
}

func TestReadyLineTellsTheAddresses(t *testing.T) {
	s := start(t, []string{"--id", "7"}, new(config.Config), nothing)
	s.stderr.await(t, "ready")
	s.signals <- os.Interrupt
	s.exit(t)
	for _, want := range []string{"instance=chat-7", "rpc=127.0.0.1:", "admin=127.0.0.1:"} {
		if !strings.Contains(s.stderr.String(), want) {
			t.Errorf("got %s, want it to hold %q", s.stderr.String(), want)
		}
	}
}

func TestAdvertisedAddressIsNeverUnspecified(t *testing.T) {
	for _, c := range []struct {
		mode              mode.Mode
		advertise, listen string
		want              string // empty: anything that is specified
	}{
		{mode.Debug, "", "127.0.0.1:7000", "127.0.0.1:7000"},
		{mode.Debug, "", "0.0.0.0:7000", "127.0.0.1:7000"},
		{mode.Test, "", "[::]:7000", "127.0.0.1:7000"},
		{mode.Release, "", "10.0.0.7:7000", "10.0.0.7:7000"},
		{mode.Release, "chat.internal:70", "[::]:7000", "chat.internal:70"},
		{mode.Release, "", "[::]:7000", ""},
	} {
		got := advertised(config.Config{Mode: c.mode, RPC: config.RPC{Advertise: c.advertise}}, c.listen)
		host, port, err := net.SplitHostPort(got)
		if c.want != "" && got != c.want || err != nil || port == "0" || net.ParseIP(host).IsUnspecified() {
			t.Errorf("%v %q %q: got %q, want %q", c.mode, c.advertise, c.listen, got, c.want)
		}
	}
}

func TestFirstGlobalAddress(t *testing.T) {
	var addrs []net.Addr
	for _, s := range []string{"127.0.0.1/8", "::1/128", "fe80::1/64", "fd00::7/64", "169.254.1.1/16", "10.0.0.7/8", "10.0.0.8/8"} {
		ip, n, err := net.ParseCIDR(s)
		if err != nil {
			t.Fatal(err)
		}
		n.IP = ip
		addrs = append(addrs, n)
	}
	for n, want := range map[int]string{7: "10.0.0.7", 5: "fd00::7", 3: "127.0.0.1", 0: "127.0.0.1"} {
		if got := firstGlobal(addrs[:n]); got != want {
			t.Errorf("of %v: got %s, want %s", addrs[:n], got, want)
		}
	}
}
