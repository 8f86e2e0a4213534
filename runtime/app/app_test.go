package app_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/directory"
	dirmemory "github.com/hawos/hawos/runtime/directory/memory"
	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/push"
	pushmemory "github.com/hawos/hawos/runtime/push/memory"
	"github.com/hawos/hawos/runtime/registry"
	regmemory "github.com/hawos/hawos/runtime/registry/memory"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// journal notes what happened, in order.
type journal struct {
	mu    sync.Mutex
	lines []string
}

func (j *journal) add(format string, args ...any) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.lines = append(j.lines, fmt.Sprintf(format, args...))
}

func (j *journal) all() []string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return slices.Clone(j.lines)
}

func (j *journal) want(t *testing.T, want ...string) {
	t.Helper()
	if got := j.all(); !slices.Equal(got, want) {
		t.Errorf("got\n  %s\nwant\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// noted is a memory registry that notes what an instance publishes.
type noted struct {
	registry.Registry
	j *journal
}

func (r noted) Register(ctx context.Context, i registry.Instance) (registry.Registration, error) {
	reg, err := r.Registry.Register(ctx, i)
	if err == nil {
		r.j.add("registered %s %s", i.ID, i.State)
	}
	return notedRegistration{reg, r.j}, err
}

func (r noted) Close() error {
	r.j.add("registry closed")
	return r.Registry.Close()
}

type notedRegistration struct {
	registry.Registration
	j *journal
}

func (r notedRegistration) Update(ctx context.Context, i registry.Instance) error {
	r.j.add("updated %s %s", i.ID, i.State)
	return r.Registration.Update(ctx, i)
}

func (r notedRegistration) Close(ctx context.Context) error {
	r.j.add("deregistered")
	return r.Registration.Close(ctx)
}

// part is a Server that notes its life.
type part struct {
	name              string
	j                 *journal
	startErr, stopErr error
	hangInDrain       bool
	started, draining chan struct{} // closed by Start and Drain
	failed            chan error
	kind, address     string
}

func newPart(name string, j *journal) *part {
	return &part{name: name, j: j, started: make(chan struct{}), draining: make(chan struct{}), failed: make(chan error, 1)}
}

func (p *part) Start(context.Context) error {
	p.j.add("%s starts", p.name)
	close(p.started)
	return p.startErr
}

func (p *part) Drain(ctx context.Context) error {
	close(p.draining)
	if !p.hangInDrain {
		return nil
	}
	<-ctx.Done()
	return fmt.Errorf("drain %s: %w", p.name, ctx.Err())
}

func (p *part) Stop(context.Context) error {
	p.j.add("%s stops", p.name)
	return p.stopErr
}

func (p *part) Failed() <-chan error             { return p.failed }
func (p *part) Endpoint() (kind, address string) { return p.kind, p.address }

func settings() config.Config {
	c := config.Default()
	c.Queue.Type = "memory"
	c.Log.Level = "error"
	c.RPC.Token = strings.Repeat("t", config.MinSecret)
	return c
}

func drivers(j *journal, r registry.Registry) app.Drivers {
	return app.Drivers{
		Registry: func(context.Context, config.Config, *slog.Logger) (registry.Registry, error) {
			return noted{r, j}, nil
		},
		Directory: dirmemory.Open,
		Brokers: map[string]func(context.Context, config.Config, *slog.Logger) (push.Broker, error){
			"memory": pushmemory.Open,
		},
	}
}

// run starts an app and returns how to end it, which returns Run's error.
func run(t *testing.T, c config.Config, d app.Drivers, setup app.Setup) (a *app.App, end func() error) {
	t.Helper()
	a, err := app.New(t.Context(), "chat", c, d, setup)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	result := make(chan error, 1)
	go func() { result <- a.Run(ctx) }()
	end = sync.OnceValue(func() error { cancel(); return <-result })
	t.Cleanup(func() { end() })
	return a, end
}

// published waits until the registry shows an instance, and returns it.
func published(t *testing.T, r registry.Registry) registry.Instance {
	t.Helper()
	found := make(chan registry.Instance, 16)
	stop, err := r.Watch(t.Context(), func(all []registry.Instance) {
		for _, i := range all {
			found <- i
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	select {
	case i := <-found:
		return i
	case <-time.After(10 * time.Second):
		t.Fatal("nothing is registered after 10s")
		panic("unreachable")
	}
}

func readyz(t *testing.T, admin string) int {
	t.Helper()
	resp, err := http.Get("http://" + admin + "/readyz")
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.StatusCode
}

func TestLifeFromStartToStop(t *testing.T) {
	var j journal
	r := regmemory.New()
	http, ws := newPart("http", &j), newPart("ws", &j)
	ws.kind, ws.address = "ws", "127.0.0.1:8000"
	a, end := run(t, settings(), drivers(&j, r), func(_ context.Context, a *app.App) error {
		a.Serve(http)
		a.Serve(ws)
		a.OnStop(func(context.Context) error { j.add("store closes"); return nil })
		a.OnStop(func(context.Context) error { j.add("worker ends"); return nil })
		j.add("set up")
		return nil
	})
	i := published(t, r)
	if i.App != "chat" || i.ID != "chat-1" || i.Epoch != a.Epoch() || i.State != registry.Ready || i.Started.IsZero() || !strings.HasPrefix(i.Address, "127.0.0.1:") {
		t.Errorf("registered: %+v", i)
	}
	waitReady(t, i.Admin)
	if err := end(); err != nil {
		t.Errorf("run: %v", err)
	}
	j.want(t, "set up", "http starts", "ws starts", "registered chat-1 ready", "updated chat-1 draining",
		"deregistered", "ws stops", "http stops", "worker ends", "store closes", "registry closed")
}

// waitReady waits until the admin endpoint says that the app is ready, which is
// just after it has registered.
func waitReady(t *testing.T, admin string) {
	t.Helper()
	for deadline := time.Now().Add(10 * time.Second); readyz(t, admin) != http.StatusOK; {
		if time.Now().After(deadline) {
			t.Fatal("not ready after 10s")
		}
	}
}

func TestNotReadyWhileItDrains(t *testing.T) {
	var j journal
	r := regmemory.New()
	p := newPart("ws", &j)
	p.hangInDrain = true
	c := settings()
	c.DrainTimeout = time.Second
	_, end := run(t, c, drivers(&j, r), func(_ context.Context, a *app.App) error { a.Serve(p); return nil })
	i := published(t, r)
	waitReady(t, i.Admin)
	go end()
	<-p.draining
	if got := readyz(t, i.Admin); got != http.StatusServiceUnavailable {
		t.Errorf("readyz: got %d, want 503", got)
	}
	if i := published(t, r); i.State != registry.Draining {
		t.Errorf("registry: got %s, want draining", i.State)
	}
}

func TestPartThatFailsEndsTheAppInOrder(t *testing.T) {
	var j journal
	r := regmemory.New()
	bad, good := newPart("bad", &j), newPart("good", &j)
	bad.stopErr = errors.New("stop of bad: broken")
	_, end := run(t, settings(), drivers(&j, r), func(_ context.Context, a *app.App) error {
		a.Serve(good)
		a.Serve(bad)
		return nil
	})
	published(t, r)
	want := errors.New("listener of bad: broken")
	bad.failed <- want
	<-good.draining // nobody told it to stop: it does so itself
	if err := end(); !errors.Is(err, want) || !errors.Is(err, bad.stopErr) {
		t.Errorf("run: got %v, want both errors", err)
	}
	j.want(t, "good starts", "bad starts", "registered chat-1 ready", "updated chat-1 draining", "deregistered",
		"bad stops", "good stops", "registry closed")
}

func TestPartThatDoesNotStartEndsTheOthers(t *testing.T) {
	var j journal
	first, second := newPart("first", &j), newPart("second", &j)
	second.startErr = errors.New("port is taken")
	a, err := app.New(t.Context(), "chat", settings(), drivers(&j, regmemory.New()), func(_ context.Context, a *app.App) error {
		a.Serve(first)
		a.Serve(second)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Run(t.Context()); !errors.Is(err, second.startErr) {
		t.Errorf("run: got %v, want %v", err, second.startErr)
	}
	j.want(t, "first starts", "second starts", "second stops", "first stops", "registry closed")
}

func TestDrainHasALimit(t *testing.T) {
	var j journal
	r := regmemory.New()
	c := settings()
	c.DrainTimeout = 20 * time.Millisecond
	slow, other := newPart("slow", &j), newPart("other", &j)
	slow.hangInDrain = true
	_, end := run(t, c, drivers(&j, r), func(_ context.Context, a *app.App) error {
		a.Serve(slow)
		a.Serve(other)
		return nil
	})
	published(t, r)
	if err := end(); !errors.Is(err, context.DeadlineExceeded) || !strings.Contains(err.Error(), "drain slow") {
		t.Errorf("run: got %v, want that slow was not drained in time", err)
	}
	if lines := j.all(); !slices.Contains(lines, "slow stops") || !slices.Contains(lines, "other stops") {
		t.Errorf("got %q, want both stopped", lines)
	}
}

func TestNameThatIsTakenNamesTheHolder(t *testing.T) {
	var j journal
	r := regmemory.New()
	held, err := r.Register(t.Context(), registry.Instance{App: "chat", ID: "chat-1", Address: "10.9.8.7:7000", State: registry.Ready})
	if err != nil {
		t.Fatal(err)
	}
	defer held.Close(t.Context())
	a, err := app.New(t.Context(), "chat", settings(), drivers(&j, r), func(context.Context, *app.App) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if err := a.Run(t.Context()); !errors.Is(err, registry.ErrTaken) || !strings.Contains(err.Error(), "10.9.8.7:7000") {
		t.Errorf("run: got %v, want ErrTaken and the holder's address", err)
	}
}

func TestNewClosesWhatItOpenedBeforeAnError(t *testing.T) {
	want := errors.New("no room")
	for name, c := range map[string]struct {
		change func(*config.Config, *app.Drivers)
		setup  app.Setup
		text   string
	}{
		"setup": {nil, func(context.Context, *app.App) error { return want }, "set up chat-1: no room"},
		"two drivers": {func(_ *config.Config, d *app.Drivers) {
			d.Directory = func(context.Context, config.Config, *slog.Logger) (directory.Directory, error) {
				return nil, config.Missing("redis.address")
			}
			d.Brokers["memory"] = func(context.Context, config.Config, *slog.Logger) (push.Broker, error) { return nil, want }
		}, nil, "redis.address is empty"},
		"queue": {func(c *config.Config, _ *app.Drivers) { c.Queue.Type = "nsq" }, nil, `queue.type "nsq": this program has memory`},
		"tls":   {func(c *config.Config, _ *app.Drivers) { c.RPC.TLS.CA = "/nowhere" }, nil, "rpc.tls: "},
		"another app's service": {nil, func(_ context.Context, a *app.App) error {
			a.RegisterLink(link.Service{App: "rank", Name: "rank.v1.Rank"})
			return want
		}, `service rank.v1.Rank belongs to the app "rank"`},
	} {
		var j journal
		conf, d := settings(), drivers(&j, regmemory.New())
		if c.change != nil {
			c.change(&conf, &d)
		}
		if c.setup == nil {
			c.setup = func(context.Context, *app.App) error { return want }
		}
		_, err := app.New(t.Context(), "chat", conf, d, c.setup)
		if err == nil || !strings.Contains(err.Error(), c.text) {
			t.Errorf("%s: got %v, want %q", name, err, c.text)
		}
		j.want(t, "registry closed")
	}
	if _, err := app.New(t.Context(), "Chat", settings(), app.Drivers{}, nil); err == nil || !strings.Contains(err.Error(), `appName "Chat"`) {
		t.Errorf("name: got %v", err)
	}
}

func TestAppWithoutDriversRunsAndRefusesPushes(t *testing.T) {
	var pushed error
	_, end := run(t, settings(), app.Drivers{}, func(ctx context.Context, a *app.App) error {
		pushed = a.Push().Send(ctx, push.Message{})
		if a.Registry() != nil || a.Directory() != nil || a.Broker() != nil {
			t.Error("drivers out of nowhere")
		}
		return nil
	})
	if err := end(); err != nil {
		t.Error(err)
	}
	if pushed == nil || !strings.Contains(pushed.Error(), "app.Drivers") {
		t.Errorf("push: got %v, want what is missing", pushed)
	}
}
