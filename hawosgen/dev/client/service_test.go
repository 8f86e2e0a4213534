package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/wrapperspb"

	"github.com/hawos/hawos/hawosgen/dev/client"
	"github.com/hawos/hawos/hawosgen/infra/embedded"
	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/registry/etcd"
	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/rpc"
)

func TestServicesAreFoundInEtcdAndCalledByGRPC(t *testing.T) {
	joined := make(chan string, 1)
	server := startEtcd(t)
	addr := serveGRPC(t, joined)
	register(t, server.Addr(),
		registry.Instance{App: "chat", ID: "chat-1", Address: addr, Entries: []route.Entry{{ID: 2001, App: "chat", Method: "chat.v1.Chat.Send"}}},
		registry.Instance{App: "frontend", ID: "frontend-1", Address: addr})
	c := open(t, copyProject(t), server.Addr(), client.Options{UID: "ada", URL: serve(t)})

	all, err := c.Instances(t.Context())
	if err != nil || len(all) != 2 || all[0].ID != "chat-1" || len(all[0].Entries) != 1 {
		t.Errorf("instances: %+v, %v", all, err)
	}
	reply, err := c.Call(t.Context(), "Chat.Stats", json.RawMessage(`{}`))
	if err != nil || string(reply) != `{"sent":7}` {
		t.Errorf("Chat.Stats: %s, %v", reply, err)
	}
	_, err = c.Call(t.Context(), "chat.v1.Admin.Stats", json.RawMessage(`{}`))
	var refusal *client.Refusal
	if !errors.As(err, &refusal) || refusal.Name != "ROOM_FULL" {
		t.Errorf("Admin.Stats: got %v, want the refusal ROOM_FULL", err)
	}

	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	err = c.Listen(ctx, client.First{Groups: []string{"room:1"}}, func(string) { stop() }, func(client.Push) {})
	if got := <-joined; err != nil || got != "ada room:1" {
		t.Errorf("listen --join: %q, %v", got, err)
	}
}

func TestAServiceThatDoesNotRunIsNamed(t *testing.T) {
	server := startEtcd(t)
	c := open(t, copyProject(t), server.Addr(), client.Options{})
	_, err := c.Call(t.Context(), "Chat.Stats", json.RawMessage(`{}`))
	if err == nil || !strings.Contains(err.Error(), "no instance of chat is ready") {
		t.Errorf("got %v", err)
	}
}

func startEtcd(t *testing.T) *embedded.Server {
	t.Helper()
	s, err := embedded.Etcd(embedded.Options{Dir: filepath.Join(t.TempDir(), "etcd")})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func register(t *testing.T, addr string, instances ...registry.Instance) {
	t.Helper()
	c := config.Config{Namespace: "dev", Etcd: config.Etcd{Endpoints: []string{addr}}}
	r, err := etcd.Open(t.Context(), c, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	for _, i := range instances {
		i.State, i.Started, i.Epoch = registry.Ready, time.Now(), "one"
		if _, err := r.Register(t.Context(), i); err != nil {
			t.Fatal(err)
		}
	}
}

// serveGRPC plays chat and a frontend: Chat.Stats answers 7, Admin.Stats refuses, and Join tells joined.
func serveGRPC(t *testing.T, joined chan<- string) string {
	t.Helper()
	s := rpc.NewServer(rpc.ServerOptions{Token: "a token of the test that is long enough", Log: slog.New(slog.DiscardHandler)})
	answer := func(service string, f func() (any, error)) {
		s.RegisterService(&grpc.ServiceDesc{ServiceName: service, HandlerType: (*any)(nil), Methods: []grpc.MethodDesc{{
			MethodName: "Stats",
			Handler: func(srv any, ctx context.Context, decode func(any) error, intercept grpc.UnaryServerInterceptor) (any, error) {
				in := new(emptypb.Empty)
				if err := decode(in); err != nil {
					return nil, err
				}
				info := &grpc.UnaryServerInfo{Server: srv, FullMethod: "/" + service + "/Stats"}
				return intercept(ctx, in, info, func(context.Context, any) (any, error) { return f() })
			},
		}}}, struct{}{})
	}
	answer("chat.v1.Chat", func() (any, error) { return wrapperspb.UInt32(7), nil }) // as StatsReply on the wire
	answer("chat.v1.Admin", func() (any, error) { return nil, errcode.New(2401, "room full") })
	hawospb.RegisterFrontendServer(s, &frontend{joined: joined})
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan error, 1)
	go func() { done <- s.Serve(l) }()
	t.Cleanup(func() {
		_ = s.Stop(context.Background())
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

type frontend struct {
	hawospb.FrontendServer // what is not below is not called
	joined                 chan<- string
}

func (f *frontend) Join(_ context.Context, in *hawospb.MembershipRequest) (*hawospb.MembershipReply, error) {
	f.joined <- in.Uid + " " + in.Group
	return &hawospb.MembershipReply{Changed: 1}, nil
}
