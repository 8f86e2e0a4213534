package e2e_test

import (
	"context"
	"fmt"
	"net"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/hawos/hawos/hawosgen/infra/embedded"
	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/registry/etcd"
	"github.com/hawos/hawos/runtime/route"
	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
)

// sendOnce sends a text to room a within a second, or not.
func sendOnce(t *testing.T, u *user, text string) error {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	_, err := u.chat.Send(ctx, &chatv1.SendRequest{Room: "a", Text: text})
	return err
}

func portOf(addr string) string {
	_, port, _ := net.SplitHostPort(addr)
	return port
}

// A service that the frontend was not generated with is reachable as soon as it
// is registered, and gone when it is.
func TestServiceStartedLaterIsReachable(t *testing.T) {
	w := newWorld(t, options{})
	frontend := w.start(program{"frontend", "1", nil})[0]
	ann := connect(t, frontend, "ann")
	call := func() error {
		out := new(wrapperspb.StringValue)
		err := ann.ws.Call(t.Context(), 3001, wrapperspb.String("ann"), out)
		if err == nil && out.GetValue() != "hello ann" {
			t.Errorf("got %q, want %q", out.GetValue(), "hello ann")
		}
		return err
	}
	if e := errcode.From(call()); e == nil || e.Code() != 12 {
		t.Fatalf("before: got %v, want UNIMPLEMENTED", e)
	}
	stop := w.startLate()
	start := time.Now()
	eventually(t, "the service answers", func() bool { return call() == nil })
	t.Logf("it answered after %v", time.Since(start))
	stop()
	if e := errcode.From(call()); e == nil {
		t.Error("after its stop: got an answer")
	}
}

// startLate runs a service in this process and returns when it is registered.
func (w *world) startLate() (stop func()) {
	w.t.Helper()
	c, err := config.Load("late", []string{"--config", w.config})
	if err != nil {
		w.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(w.t.Context())
	a, err := app.New(ctx, "late", c, app.Drivers{Registry: etcd.Open}, func(_ context.Context, a *app.App) error {
		hello := func(_ context.Context, in *wrapperspb.StringValue) (*wrapperspb.StringValue, error) {
			return wrapperspb.String("hello " + in.GetValue()), nil
		}
		a.RegisterLink(link.Service{App: "late", Name: "late.v1.Late", Methods: []link.Method{
			link.Unary(3001, "late.v1.Late.Hello", hello, route.Options{}),
		}})
		return nil
	})
	if err != nil {
		w.t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := a.Run(ctx); err != nil {
			w.t.Errorf("late: %v", err)
		}
	}()
	stop = func() { cancel(); <-done }
	w.t.Cleanup(stop)
	return stop
}

// Redis is away for a while and comes back with what it had: nobody is
// disconnected, and pushes find their way again.
func TestRedisRestart(t *testing.T) {
	dir := t.TempDir()
	redis, err := embedded.MiniRedis(embedded.Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = redis.Close() }) // after the programs have stopped
	w := newWorld(t, options{redis: redis.Addr()})
	frontends, _ := w.chats()
	ann, bob := connect(t, frontends[0], "ann"), connect(t, frontends[1], "bob")
	ann.join("a")
	bob.join("a")
	ann.send("a", "before")
	bob.await("a ann before")

	addr := redis.Addr()
	if err := redis.Close(); err != nil {
		t.Fatal(err)
	}
	if err := sendOnce(t, ann, "away"); err == nil {
		t.Error("sent while Redis is away: got OK")
	}
	port := 0
	fmt.Sscan(portOf(addr), &port)
	redis, err = embedded.MiniRedis(embedded.Options{Dir: dir, Port: port})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "sending works again", func() bool { return sendOnce(t, ann, "after") == nil })
	bob.await("a ann after")
	bob.private("ann", "you too?")
	ann.await("private bob you too?")
}

// A frontend that is told to stop sends its clients away, and they go on at the
// other.
func TestFrontendDrains(t *testing.T) {
	w := newWorld(t, options{})
	frontends, _ := w.chats()
	ann, bob := connect(t, frontends[0], "ann"), connect(t, frontends[1], "bob")
	ann.join("a")
	bob.join("a")
	ann.await("joined a bob")
	if status := frontends[0].stop(); status != 0 {
		t.Errorf("exit status: got %d, want 0", status)
	}
	ann.awaitEnd()
	bob.await("left a ann")
	ann = connect(t, frontends[1], "ann")
	ann.join("a")
	bob.send("a", "welcome back")
	ann.await("a bob welcome back")
}
