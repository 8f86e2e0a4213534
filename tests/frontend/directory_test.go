// Package frontend_test runs a frontend and a service as apps, with a directory
// in the embedded Redis. What needs no server is tested beside the frontend.
package frontend_test

import (
	"context"
	"log/slog"
	"sync"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/hawosgen/infra/embedded"
	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/directory/redis"
	"github.com/hawos/hawos/runtime/frontend"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/jwt"
	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/push"
	pushmemory "github.com/hawos/hawos/runtime/push/memory"
	"github.com/hawos/hawos/runtime/registry"
	regmemory "github.com/hawos/hawos/runtime/registry/memory"
	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/session"
	"github.com/hawos/hawos/runtime/wsc"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

const (
	idJoin = 2001
	idNews = 2101
)

// shared are drivers that several apps of a test use; none of them closes one.
type shared struct {
	registry.Registry
	push.Broker
}

type openRegistry struct{ registry.Registry }

func (openRegistry) Close() error { return nil }

type openBroker struct{ push.Broker }

func (openBroker) Close() error { return nil }

func (s shared) drivers() app.Drivers {
	return app.Drivers{
		Registry: func(context.Context, config.Config, *slog.Logger) (registry.Registry, error) {
			return openRegistry{s.Registry}, nil
		},
		Directory: redis.Open,
		Brokers: app.Brokers{"memory": func(context.Context, config.Config, *slog.Logger) (push.Broker, error) {
			return openBroker{s.Broker}, nil
		}},
	}
}

// run runs an app until the test ends.
func run(t *testing.T, name string, c config.Config, s shared, setup app.Setup) *app.App {
	t.Helper()
	a, err := app.New(t.Context(), name, c, s.drivers(), setup)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	var wait sync.WaitGroup
	wait.Go(func() {
		if err := a.Run(ctx); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(func() { cancel(); wait.Wait() })
	return a
}

func settings(redisAddress string) config.Config {
	c := config.Default()
	c.Namespace, c.Log.Level, c.Queue.Type = "test", "error", "memory"
	c.JWT.Secret, c.RPC.Token = "0123456789abcdef0123456789abcdef", "a token that the test's services share"
	c.WS.IP, c.RPC.IP = "127.0.0.1", "127.0.0.1"
	c.Redis.Address = redisAddress
	return c
}

func eventually(t *testing.T, what string, f func() bool) {
	t.Helper()
	deadline := time.After(15 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !f() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatalf("not in time: %s", what)
		}
	}
}

// TestFrontendWritesAgainWhatRedisLost: a frontend's groups and uids come back
// after Redis was emptied, and pushes arrive again.
func TestFrontendWritesAgainWhatRedisLost(t *testing.T) {
	server, err := embedded.MiniRedis(embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	s := shared{regmemory.New(), pushmemory.New()}
	t.Cleanup(func() { s.Broker.Close(); s.Registry.Close() })
	c := settings(server.Addr())
	var f *frontend.Frontend
	run(t, "frontend", c, s, func(ctx context.Context, a *app.App) (err error) {
		f, err = frontend.New(ctx, a, route.Table{})
		a.Serve(f)
		return err
	})
	chat := run(t, "chat", c, s, func(_ context.Context, a *app.App) error {
		a.RegisterLink(link.Service{
			App: "chat", Name: "chat.v1.Chat",
			Methods: []link.Method{link.Unary(idJoin, "chat.v1.Chat.Join", join, route.Options{})},
			Pushes:  []link.Push{{ID: idNews, Message: (*hawospb.Notice)(nil).ProtoReflect().Descriptor()}},
		})
		return nil
	})
	client, news := login(t, c, s)
	eventually(t, "the service is reachable", func() bool {
		return client.Call(t.Context(), idJoin, &hawospb.Notice{Text: "room"}, &hawospb.Notice{}) == nil
	})
	tell := func(to push.Target) {
		t.Helper()
		if err := chat.Push().Send(t.Context(), push.Message{ID: idNews, To: to, Payload: &hawospb.Notice{Text: "hi"}}); err != nil {
			t.Fatal(err)
		}
	}
	tell(push.Group("room"))
	<-news
	tell(push.UIDs("ann"))
	<-news

	db := goredis.NewClient(&goredis.Options{Addr: server.Addr()})
	defer db.Close()
	if err := db.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	arrives := func(to push.Target) func() bool {
		return func() bool {
			tell(to)
			select {
			case <-news:
				return true
			case <-time.After(20 * time.Millisecond):
				return false
			}
		}
	}
	eventually(t, "a push to the group arrives again", arrives(push.Group("room")))
	eventually(t, "a push to the uid arrives again", arrives(push.UIDs("ann")))
}

func join(ctx context.Context, in *hawospb.Notice) (*hawospb.Notice, error) {
	return in, session.Join(ctx, in.GetText())
}

// login returns a client as ann, and what it is told of each push.
func login(t *testing.T, c config.Config, s shared) (*wsc.Client, <-chan string) {
	t.Helper()
	keys, err := jwt.New(c.JWT)
	if err != nil {
		t.Fatal(err)
	}
	token, err := keys.Sign("ann", time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	url := make(chan string, 16)
	ctx, cancel := context.WithCancel(t.Context())
	stop, err := s.Watch(ctx, func(all []registry.Instance) {
		for _, i := range all {
			if i.WS != "" {
				url <- i.WS
			}
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	client, err := wsc.Dial(t.Context(), <-url, wsc.Options{Token: token})
	cancel()
	stop()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	news := make(chan string, 64)
	client.On(idNews, func() proto.Message { return new(hawospb.Notice) }, func(m proto.Message) {
		select {
		case news <- m.(*hawospb.Notice).GetText():
		default:
		}
	})
	return client, news
}
