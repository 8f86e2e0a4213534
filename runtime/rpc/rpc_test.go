package rpc_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"go.uber.org/goleak"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/rpc"
	"github.com/hawos/hawos/runtime/session"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// wait bounds what must happen; it is no measure of speed.
const wait = 20 * time.Second

// instances is a registry whose snapshots the test gives.
type instances struct {
	registry.Registry
	registry.Watchers
}

func (s *instances) Watch(ctx context.Context, f func([]registry.Instance)) (func(), error) {
	return s.Watchers.Watch(ctx, f)
}

// service answers Frontend's calls by functions.
type service struct {
	hawospb.UnimplementedFrontendServer
	online func(context.Context, *hawospb.OnlineRequest) (*hawospb.OnlineReply, error)
}

func (s service) Online(ctx context.Context, in *hawospb.OnlineRequest) (*hawospb.OnlineReply, error) {
	return s.online(ctx, in)
}

type online = func(context.Context, *hawospb.OnlineRequest) (*hawospb.OnlineReply, error)

// serve runs a server and returns its address.
func serve(t testing.TB, o rpc.ServerOptions, h online, more ...func(grpc.ServiceRegistrar)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	o.Log = slog.New(slog.NewTextHandler(io.Discard, nil))
	s := rpc.NewServer(o)
	hawospb.RegisterFrontendServer(s, service{online: h})
	for _, f := range more {
		f(s)
	}
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), wait)
		defer cancel()
		if err := errors.Join(s.Stop(ctx), <-served); err != nil {
			t.Errorf("stop: %v", err)
		}
	})
	return l.Addr().String()
}

func dialer(t testing.TB, o rpc.DialerOptions) *rpc.Dialer {
	d := rpc.NewDialer(o)
	t.Cleanup(func() { d.Close() })
	return d
}

func client(t testing.TB, d *rpc.Dialer, target string) hawospb.FrontendClient {
	t.Helper()
	c, err := d.Dial(target)
	if err != nil {
		t.Fatal(err)
	}
	return hawospb.NewFrontendClient(c)
}

// named answers with a frontend name.
func named(name string) online {
	return func(context.Context, *hawospb.OnlineRequest) (*hawospb.OnlineReply, error) {
		return &hawospb.OnlineReply{Sessions: []*hawospb.OnlineSession{{Frontend: name}}}, nil
	}
}

func ask(t testing.TB, c hawospb.FrontendClient) string {
	t.Helper()
	r, err := c.Online(t.Context(), &hawospb.OnlineRequest{}, grpc.WaitForReady(true))
	if err != nil {
		t.Fatal(err)
	}
	return r.Sessions[0].Frontend
}

func TestCallsAreRefusedWithoutTheProjectsToken(t *testing.T) {
	address := serve(t, rpc.ServerOptions{Token: "right"}, named("x"))
	for token, text := range map[string]string{"": "carries no project token", "wrong": "another project's token", "right": ""} {
		_, err := client(t, dialer(t, rpc.DialerOptions{Token: token}), "direct:///"+address).Online(t.Context(), &hawospb.OnlineRequest{})
		switch {
		case text == "" && err != nil:
			t.Errorf("token %q: got %v", token, err)
		case text != "" && (status.Code(err) != codes.Unauthenticated || !strings.Contains(err.Error(), text)):
			t.Errorf("token %q: got %v, want UNAUTHENTICATED: …%s…", token, err, text)
		}
	}
}

func TestLinksNeedTrust(t *testing.T) {
	link := func(r grpc.ServiceRegistrar) { hawospb.RegisterLinkServer(r, hawospb.UnimplementedLinkServer{}) }
	for token, want := range map[string]codes.Code{"": codes.Unauthenticated, "secret": codes.Unimplemented} {
		address := serve(t, rpc.ServerOptions{Token: token}, named("x"), link)
		c, err := dialer(t, rpc.DialerOptions{Token: token}).Dial("direct:///" + address)
		if err != nil {
			t.Fatal(err)
		}
		s, err := hawospb.NewLinkClient(c).Open(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Recv(); status.Code(err) != want {
			t.Errorf("token %q: got %v, want %v", token, err, want)
		}
	}
}

func TestSessionTravelsOnTrustedCallsOnly(t *testing.T) {
	who := session.Session{ID: "s1", UID: "ann", Frontend: "frontend-1", Remote: "10.0.0.1:1", Opened: time.UnixMilli(7), JSON: true}
	ctx := session.NewContext(t.Context(), &session.Call{Session: who, Trace: []byte{0, 1, 2}})
	var got session.Session
	var ok bool
	var trace []byte
	var joined error
	handler := func(ctx context.Context, _ *hawospb.OnlineRequest) (*hawospb.OnlineReply, error) {
		got, ok = session.From(ctx)
		trace = session.Trace(ctx)
		joined = session.Join(ctx, "room")
		return &hawospb.OnlineReply{}, nil
	}
	trusted := serve(t, rpc.ServerOptions{Token: "secret"}, handler)
	open := serve(t, rpc.ServerOptions{}, handler)
	d := dialer(t, rpc.DialerOptions{Token: "secret"})
	call := func(ctx context.Context, address string) {
		t.Helper()
		if _, err := client(t, d, "direct:///"+address).Online(ctx, &hawospb.OnlineRequest{}); err != nil {
			t.Fatal(err)
		}
	}
	if call(ctx, trusted); !ok || got != who || string(trace) != "\x00\x01\x02" {
		t.Errorf("trusted call: got %+v, %v, trace %v, want %+v", got, ok, trace, who)
	}
	if !errors.Is(joined, session.ErrNone) {
		t.Errorf("Join of a forwarded session: got %v, want ErrNone", joined)
	}
	if call(t.Context(), trusted); ok {
		t.Errorf("call without session: got %+v", got)
	}
	if call(ctx, open); ok {
		t.Errorf("untrusted call: got %+v", got)
	}
}

func TestErrorsKeepTheirCodeAndHideTheirCause(t *testing.T) {
	full := errcode.New(2401, "room full").Retry(time.Second)
	var fault error
	address := serve(t, rpc.ServerOptions{}, func(context.Context, *hawospb.OnlineRequest) (*hawospb.OnlineReply, error) {
		if fault == nil {
			panic("secret")
		}
		return nil, fault
	})
	c := client(t, dialer(t, rpc.DialerOptions{}), "direct:///"+address)
	for _, one := range []struct {
		fault error
		code  uint32
		text  string
	}{
		{fmt.Errorf("secret: %w", full.Because(errors.New("secret"))), 2401, "room full"},
		{errors.New("secret"), uint32(codes.Internal), "internal error"},
		{status.Error(codes.NotFound, "no such room"), uint32(codes.NotFound), "no such room"},
		{nil, uint32(codes.Internal), "internal error"},
	} {
		fault = one.fault
		_, err := c.Online(t.Context(), &hawospb.OnlineRequest{})
		e := errcode.From(err)
		if e.Code() != one.code || e.Text() != one.text || strings.Contains(err.Error(), "secret") {
			t.Errorf("%v: got %v, want code %d, %q", one.fault, err, one.code, one.text)
		}
		if one.code == 2401 && (!errors.Is(err, full) || e.RetryAfter() != time.Second) {
			t.Errorf("got %v, want the typed error", err)
		}
	}
}

func TestCallsAlwaysHaveADeadline(t *testing.T) {
	deadline := make(chan time.Duration, 1)
	address := serve(t, rpc.ServerOptions{Timeout: time.Hour}, func(ctx context.Context, _ *hawospb.OnlineRequest) (*hawospb.OnlineReply, error) {
		d, ok := ctx.Deadline()
		if !ok {
			return nil, errors.New("no deadline")
		}
		deadline <- time.Until(d)
		return &hawospb.OnlineReply{}, nil
	})
	if _, err := client(t, dialer(t, rpc.DialerOptions{Timeout: time.Minute}), "direct:///"+address).Online(t.Context(), &hawospb.OnlineRequest{}); err != nil {
		t.Fatal(err)
	}
	if d := <-deadline; d > time.Minute {
		t.Errorf("dialer's default: got %s, want a minute", d)
	}
	plain, err := grpc.NewClient("passthrough:///"+address, dialer(t, rpc.DialerOptions{}).Options()[0])
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	if _, err := hawospb.NewFrontendClient(plain).Online(t.Context(), &hawospb.OnlineRequest{}); err != nil {
		t.Fatal(err)
	}
	if d := <-deadline; d < time.Minute || d > time.Hour {
		t.Errorf("server's default: got %s, want an hour", d)
	}
}

func instance(name, address string, s registry.State) registry.Instance {
	app, _, _ := strings.Cut(name, "-")
	return registry.Instance{App: app, ID: name, Address: address, State: s}
}

func TestDiscoveryFollowsTheReadyInstances(t *testing.T) {
	one, two := serve(t, rpc.ServerOptions{}, named("chat-1")), serve(t, rpc.ServerOptions{}, named("chat-2"))
	other := serve(t, rpc.ServerOptions{}, named("chatroom-1"))
	r := &instances{}
	r.Publish([]registry.Instance{instance("chat-1", one, registry.Ready), instance("chat-2", two, registry.Draining),
		instance("chatroom-1", other, registry.Ready)})
	d := dialer(t, rpc.DialerOptions{Registry: r})
	c := client(t, d, "chat")
	for range 4 {
		if got := ask(t, c); got != "chat-1" {
			t.Fatalf("got %s, want chat-1", got)
		}
	}
	r.Publish([]registry.Instance{instance("chat-1", one, registry.Ready), instance("chat-2", two, registry.Ready)})
	seen := map[string]bool{}
	for end := time.Now().Add(wait); len(seen) < 2 && time.Now().Before(end); {
		seen[ask(t, c)] = true
	}
	if !seen["chat-1"] || !seen["chat-2"] {
		t.Errorf("got %v, want both", seen)
	}
	if to, err := d.To("chat-2"); err != nil || ask(t, hawospb.NewFrontendClient(to)) != "chat-2" {
		t.Errorf("To chat-2 went elsewhere, %v", err)
	}
	if _, err := client(t, d, "rank").Online(t.Context(), &hawospb.OnlineRequest{}); status.Code(err) != codes.Unavailable || !strings.Contains(err.Error(), "no ready instance of rank") {
		t.Errorf("service without instance: got %v", err)
	}
}

// What registered a moment ago is not seen yet: the first call waits for it.
func TestFirstCallWaitsForAnInstanceThatIsOnItsWay(t *testing.T) {
	r := &instances{}
	one := instance("chat-1", serve(t, rpc.ServerOptions{}, named("chat-1")), registry.Ready)
	c := client(t, dialer(t, rpc.DialerOptions{Registry: r}), "chat")
	defer time.AfterFunc(50*time.Millisecond, func() { r.Publish([]registry.Instance{one}) }).Stop()
	if _, err := c.Online(t.Context(), &hawospb.OnlineRequest{}); err != nil {
		t.Errorf("got %v, want an answer of chat-1", err)
	}
}

func TestEachAsksEveryReadyInstance(t *testing.T) {
	r := &instances{}
	r.Publish([]registry.Instance{
		instance("chat-1", serve(t, rpc.ServerOptions{}, named("chat-1")), registry.Ready),
		instance("chat-2", serve(t, rpc.ServerOptions{}, named("chat-2")), registry.Ready),
		instance("rank-1", "127.0.0.1:1", registry.Ready),
	})
	d := dialer(t, rpc.DialerOptions{Registry: r})
	var mu sync.Mutex
	var seen []string
	err := d.Each(t.Context(), "chat", func(_ context.Context, i registry.Instance, c *grpc.ClientConn) error {
		answer := ask(t, hawospb.NewFrontendClient(c))
		mu.Lock()
		defer mu.Unlock()
		seen = append(seen, i.ID+"="+answer)
		if i.ID == "chat-2" {
			return errors.New("no")
		}
		return nil
	})
	slices.Sort(seen)
	if want := "[chat-1=chat-1 chat-2=chat-2]"; fmt.Sprint(seen) != want {
		t.Errorf("got %v, want %s", seen, want)
	}
	if err == nil || err.Error() != "chat-2: no" {
		t.Errorf("got error %v, want chat-2's", err)
	}
}

func TestMetricsCountByMethodAndCode(t *testing.T) {
	m := prometheus.NewRegistry()
	address := serve(t, rpc.ServerOptions{Token: "right", Metrics: m}, named("x"))
	_, _ = client(t, dialer(t, rpc.DialerOptions{Token: "right"}), "direct:///"+address).Online(t.Context(), &hawospb.OnlineRequest{})
	_, _ = client(t, dialer(t, rpc.DialerOptions{}), "direct:///"+address).Online(t.Context(), &hawospb.OnlineRequest{})
	all, err := m.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range all {
		if f.GetName() == "hawos_rpc_server_calls_total" {
			for _, one := range f.Metric {
				got[one.Label[0].GetValue()] = one.Counter.GetValue()
			}
		}
	}
	if got["0"] != 1 || got["16"] != 1 {
		t.Errorf("got %v, want one OK and one UNAUTHENTICATED", got)
	}
}

func TestFaultyTargetsAreNamed(t *testing.T) {
	d := dialer(t, rpc.DialerOptions{})
	if _, err := d.Dial("Chat_1"); err == nil || !strings.Contains(err.Error(), `"Chat_1"`) {
		t.Errorf("bad appName: got %v", err)
	}
	if _, err := client(t, d, "chat").Online(t.Context(), &hawospb.OnlineRequest{}); err == nil || !strings.Contains(err.Error(), "no registry") {
		t.Errorf("no registry: got %v", err)
	}
	if err := d.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := d.Dial("chat"); err == nil {
		t.Error("a closed dialer dials")
	}
}
