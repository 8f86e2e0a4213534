package app_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/directory"
	dirmemory "github.com/hawos/hawos/runtime/directory/memory"
	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/push"
	pushmemory "github.com/hawos/hawos/runtime/push/memory"
	"github.com/hawos/hawos/runtime/registry"
	regmemory "github.com/hawos/hawos/runtime/registry/memory"
	"github.com/hawos/hawos/runtime/route"
)

// shared are drivers that several apps of a test use; none closes them.
type shared struct {
	registry  *regmemory.Registry
	directory *dirmemory.Directory
	broker    *pushmemory.Broker
}

type (
	openRegistry  struct{ registry.Registry }
	openDirectory struct{ directory.Directory }
	openBroker    struct{ push.Broker }
)

func (openRegistry) Close() error  { return nil }
func (openDirectory) Close() error { return nil }
func (openBroker) Close() error    { return nil }

func share(t *testing.T) (shared, app.Drivers) {
	t.Helper()
	s := shared{regmemory.New(), dirmemory.New(), pushmemory.New()}
	t.Cleanup(func() { s.registry.Close(); s.directory.Close(); s.broker.Close() })
	return s, app.Drivers{
		Registry: func(context.Context, config.Config, *slog.Logger) (registry.Registry, error) {
			return openRegistry{s.registry}, nil
		},
		Directory: func(context.Context, config.Config, *slog.Logger) (directory.Directory, error) {
			return openDirectory{s.directory}, nil
		},
		Brokers: app.Brokers{"memory": func(context.Context, config.Config, *slog.Logger) (push.Broker, error) {
			return openBroker{s.broker}, nil
		}},
	}
}

// kicker serves one rpc of hawos.Frontend, and a protocol ID for it.
type kicker struct {
	hawospb.UnimplementedFrontendServer
}

func (kicker) Kick(_ context.Context, in *hawospb.KickRequest) (*hawospb.KickReply, error) {
	if in.GetUid() == "" {
		return nil, errcode.New(2401, "nobody to kick")
	}
	return &hawospb.KickReply{Kicked: 7}, nil
}

func TestServicesReachEachOtherByAppName(t *testing.T) {
	s, d := share(t)
	setup := func(_ context.Context, a *app.App) error {
		hawospb.RegisterFrontendServer(a, kicker{})
		a.RegisterLink(link.Service{App: "chat", Name: "hawos.Frontend", Methods: []link.Method{
			link.Unary(2001, "hawos.Frontend.Kick", kicker{}.Kick, route.Options{Idempotent: true}),
		}})
		return nil
	}
	run(t, settings(), d, setup)
	i := published(t, s.registry)
	if len(i.Entries) != 1 || i.Entries[0].ID != 2001 || i.Entries[0].App != "chat" || !i.Entries[0].Options.Idempotent {
		t.Errorf("registered protocol IDs: got %+v, want 2001 of chat", i.Entries)
	}

	caller, err := app.New(t.Context(), "config", settings(), d, func(context.Context, *app.App) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- caller.Run(ctx) }()
	c, err := caller.Dial("chat")
	if err != nil {
		t.Fatal(err)
	}
	client := hawospb.NewFrontendClient(c)
	if reply, err := client.Kick(t.Context(), &hawospb.KickRequest{Uid: "ann"}, grpc.WaitForReady(true)); err != nil || reply.GetKicked() != 7 {
		t.Errorf("call: got %v, %v, want 7", reply, err)
	}
	_, err = client.Kick(t.Context(), &hawospb.KickRequest{})
	if e := errcode.From(err); e.Code() != 2401 || e.Text() != "nobody to kick" {
		t.Errorf("typed error: got %v, want 2401", err)
	}
	cancel()
	if err := <-ended; err != nil {
		t.Error(err)
	}

	plain, err := grpc.NewClient(i.Address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	_, err = hawospb.NewFrontendClient(plain).Kick(t.Context(), &hawospb.KickRequest{Uid: "ann"})
	if e := errcode.From(err); e == nil || e.Code() != uint32(codes.Unauthenticated) {
		t.Errorf("without the project's token: got %v, want Unauthenticated", err)
	}
}

// Which entries of the directory count is for package directory to test.
func TestPushesGoToTheFrontendOfTheirReceivers(t *testing.T) {
	s, d := share(t)
	live, err := s.registry.Register(t.Context(), registry.Instance{App: "frontend", ID: "frontend-1", Address: "127.0.0.1:1", State: registry.Ready, Epoch: "e1"})
	if err != nil {
		t.Fatal(err)
	}
	defer live.Close(t.Context())
	ann := directory.Place{Session: "s1", Frontend: "frontend-1", Epoch: "e1"}
	if _, _, err := s.directory.Set(t.Context(), "ann", ann); err != nil {
		t.Fatal(err)
	}
	c := settings()
	got := make(chan *hawospb.Envelope, 8)
	topics := []string{push.Topic(c.Namespace, "frontend-1"), push.Topic(c.Namespace, "frontend-9"), push.TopicAll(c.Namespace)}
	sub, err := s.broker.Subscribe(t.Context(), "test", topics, func(_ string, b []byte) {
		var all hawospb.Envelopes
		if err := proto.Unmarshal(b, &all); err != nil {
			t.Error(err)
		}
		for _, e := range all.GetEnvelopes() {
			got <- e
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	defer sub.Close(context.Background(), true)
	a, end := run(t, c, d, func(context.Context, *app.App) error { return nil })
	err = a.Push().Send(t.Context(), push.Message{ID: 2101, To: push.UIDs("ann", "who is offline"), Payload: &hawospb.Notice{Text: "hi"}})
	if err != nil {
		t.Fatal(err)
	}
	e := <-got
	if uids := strings.Join(e.GetTarget().GetUids(), ","); e.GetProducer() != "chat-1" || e.GetEpoch() != a.Epoch() || uids != "ann" || len(got) != 0 {
		t.Errorf("got %v and %d more, want one from chat-1 for ann", e, len(got))
	}
	if err := end(); err != nil {
		t.Error(err)
	}
}
