package systems

import (
	"context"
	"strings"
	"time"

	"github.com/hawos/hawos/bench/load"
	"github.com/hawos/hawos/hawosgen/infra/embedded"
	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/directory/redis"
	"github.com/hawos/hawos/runtime/frontend"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/mode"
	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/push/kafka"
	"github.com/hawos/hawos/runtime/registry/etcd"
	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/session"
)

// Servers are the addresses of what hawos needs, and its namespace there. They
// pass as one argument.
type Servers struct{ Etcd, Redis, Kafka, Namespace string }

// String returns what ParseServers takes.
func (s Servers) String() string {
	return strings.Join([]string{s.Etcd, s.Redis, s.Kafka, s.Namespace}, ",")
}

// ParseServers is the reverse of String.
func ParseServers(s string) Servers {
	var p [4]string
	copy(p[:], strings.Split(s, ","))
	return Servers{p[0], p[1], p[2], p[3]}
}

// StartRegistry starts etcd and Redis in this process; StartBroker the broker
// that stands in for Kafka. They are processes of their own, since of the
// servers only the broker is on the way of what is measured.
func StartRegistry(dir string) (etcdAddr, redisAddr string, stop func(), err error) {
	e, err := embedded.Etcd(embedded.Options{Dir: dir})
	if err != nil {
		return "", "", nil, err
	}
	r, err := embedded.Redis(embedded.Options{})
	if err != nil {
		_ = e.Close()
		return "", "", nil, err
	}
	return e.Addr(), r.Addr(), func() { _ = r.Close(); _ = e.Close() }, nil
}

// StartBroker is described at StartRegistry.
func StartBroker() (addr string, stop func(), err error) {
	k, err := embedded.Kafka(embedded.Options{})
	if err != nil {
		return "", nil, err
	}
	return k.Addr(), func() { _ = k.Close() }, nil
}

// HawosFrontend runs the frontend as a generated main does. ready is called with
// the address of its websockets.
func HawosFrontend(ctx context.Context, s Servers, ready func(addr string)) error {
	a, err := app.New(ctx, "frontend", settings(s, "1"), drivers(), func(ctx context.Context, a *app.App) error {
		f, err := frontend.New(ctx, a, route.Table{})
		if err != nil {
			return err
		}
		a.Serve(f)
		a.Serve(announcer(func() { _, addr := f.Endpoint(); ready(addr) }))
		return nil
	})
	if err != nil {
		return err
	}
	return a.Run(ctx)
}

// HawosLogic runs one instance of the logic service. ready is called with what
// pushes to the group.
func HawosLogic(ctx context.Context, s Servers, id string, ready func(push func(context.Context) error)) error {
	a, err := app.New(ctx, "echo", settings(s, id), drivers(), func(_ context.Context, a *app.App) error {
		a.RegisterLink(link.Service{
			App: "echo", Name: "bench.Echo",
			Methods: []link.Method{
				link.Unary(load.EchoID, "bench.Echo.Call", echo, route.Options{}),
				link.Unary(load.JoinID, "bench.Echo.Join", join, route.Options{}),
			},
			Pushes: []link.Push{{ID: load.PushID, Message: (*hawospb.Notice)(nil).ProtoReflect().Descriptor()}},
		})
		a.Serve(announcer(func() { ready(func(ctx context.Context) error { return announce(ctx, a.Push()) }) }))
		return nil
	})
	if err != nil {
		return err
	}
	return a.Run(ctx)
}

func echo(_ context.Context, in *hawospb.Notice) (*hawospb.Notice, error) {
	return &hawospb.Notice{Text: in.GetText()}, nil
}

func join(ctx context.Context, _ *hawospb.Notice) (*hawospb.Notice, error) {
	return &hawospb.Notice{}, session.Join(ctx, load.Group)
}

func announce(ctx context.Context, s push.Sender) error {
	return s.Send(ctx, push.Message{ID: load.PushID, To: push.Group(load.Group), Payload: &hawospb.Notice{Text: load.Text}})
}

func drivers() app.Drivers {
	return app.Drivers{Registry: etcd.Open, Directory: redis.Open, Brokers: app.Brokers{"kafka": kafka.Open}}
}

// settings are the defaults, except that clients may be silent for as long as
// idle connections are measured.
func settings(s Servers, id string) config.Config {
	c := config.Default()
	c.ID, c.Namespace, c.Mode = id, s.Namespace, mode.Release
	c.RPC.IP, c.WS.IP, c.Admin.IP = "127.0.0.1", "127.0.0.1", "127.0.0.1"
	c.RPC.Token, c.JWT.Secret, c.JWT.Issuer = load.Secret, load.Secret, "bench"
	c.Etcd.Endpoints, c.Redis.Address, c.Queue.Kafka.Brokers = []string{s.Etcd}, s.Redis, []string{s.Kafka}
	c.WS.IdleTimeout = 10 * time.Minute
	c.WS.DrainTimeout, c.Log.Level = 0, "error"
	return c
}

// announcer is the part of an app that is started last: the others listen.
type announcer func()

func (f announcer) Start(context.Context) error { f(); return nil }
func (announcer) Drain(context.Context) error   { return nil }
func (announcer) Stop(context.Context) error    { return nil }
