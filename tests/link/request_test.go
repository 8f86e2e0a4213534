package link_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/session"
	"github.com/hawos/hawos/runtime/wire"
)

func TestHandlerSeesItsSessionAndChangesGroups(t *testing.T) {
	s := newSystem(t)
	s.start("chat-1", link.ServerOptions{}, service("chat", 0, method(101, func(ctx context.Context, in *hawospb.Notice) (*hawospb.Notice, error) {
		who, ok := session.From(ctx)
		if !ok {
			return nil, errors.New("no session")
		}
		return &hawospb.Notice{Text: fmt.Sprintf("%s %s %s %s %d", who.ID, who.UID, who.Frontend, who.Remote, who.Opened.UnixMilli())},
			errors.Join(session.Join(ctx, "room:"+in.Text), session.Leave(ctx, "lobby"))
	}, route.Options{})))
	f := s.frontend("frontend-1", link.PoolOptions{})
	f.linked(1)
	r, text := f.client("s1", "ann").call(101, "7")
	if want := "s1 ann frontend-1 10.0.0.1:1 5"; text != want || r.Code != 0 {
		t.Errorf("got %q, code %d %s, want %q", text, r.Code, r.Error, want)
	}
	if want := []session.Change{{Group: "room:7"}, {Group: "lobby", Leave: true}}; fmt.Sprint(r.Groups) != fmt.Sprint(want) {
		t.Errorf("groups: got %v, want %v", r.Groups, want)
	}
}

func TestErrorOfHandlerReachesTheClientWithoutItsCause(t *testing.T) {
	full := errcode.New(2401, "room full").Retry(3 * time.Second)
	s := newSystem(t)
	s.start("chat-1", link.ServerOptions{}, service("chat", 0,
		method(101, func(ctx context.Context, _ *hawospb.Notice) (*hawospb.Notice, error) {
			_ = session.Join(ctx, "room:1")
			return nil, fmt.Errorf("join: %w", full.Because(errors.New("secret")))
		}, route.Options{}),
		method(102, func(context.Context, *hawospb.Notice) (*hawospb.Notice, error) {
			return nil, errors.New("secret")
		}, route.Options{}),
		method(103, func(context.Context, *hawospb.Notice) (*hawospb.Notice, error) {
			panic("secret")
		}, route.Options{})))
	f := s.frontend("frontend-1", link.PoolOptions{})
	f.linked(1)
	c := f.client("s1", "ann")
	r, _ := c.call(101, "")
	if r.Code != 2401 || r.Error != "room full" || r.Flags != wire.FlagRetryable || r.RetryAfterMS != 3000 || len(r.Groups) != 0 {
		t.Errorf("typed error: got %+v", r)
	}
	for _, id := range []uint32{102, 103, 103} { // a panic ends its request alone
		if r, _ := c.call(id, ""); r.Code != uint32(codes.Internal) || r.Error != "internal error" {
			t.Errorf("ID %d: got %d %q, want INTERNAL and no more", id, r.Code, r.Error)
		}
	}
}

func TestTraceReachesTheHandler(t *testing.T) {
	s := newSystem(t)
	s.start("chat-1", link.ServerOptions{}, service("chat", 0,
		method(101, func(ctx context.Context, _ *hawospb.Notice) (*hawospb.Notice, error) {
			return &hawospb.Notice{Text: string(session.Trace(ctx))}, nil
		}, route.Options{})))
	f := s.frontend("frontend-1", link.PoolOptions{})
	f.linked(1)
	c := f.client("s1", "ann")
	for _, trace := range []string{"twenty-five bytes of W3C's", ""} {
		c.sendRequest(link.Request{ID: 101, Trace: []byte(trace)}, "")
		var n hawospb.Notice
		if r := c.reply(); proto.Unmarshal(r.Payload, &n) != nil || n.Text != trace {
			t.Errorf("got %q, want %q", n.Text, trace)
		}
	}
}

func TestPayloadsAreDecodedInTheirEncoding(t *testing.T) {
	s := newSystem(t)
	s.start("chat-1", link.ServerOptions{}, service("chat", 0, method(101, echo("chat-1"), route.Options{})))
	f := s.frontend("frontend-1", link.PoolOptions{})
	f.linked(1)
	c := f.client("s1", "")
	c.sendRequest(link.Request{ID: 101, Encoding: wire.JSON}, "hi")
	var n hawospb.Notice
	if r := c.reply(); protojson.Unmarshal(r.Payload, &n) != nil || n.Text != "chat-1:hi" {
		t.Errorf("got %+v, payload %s", r, r.Payload)
	}
	f.Send(c.Session, link.Request{ID: 101, Encoding: wire.JSON, Payload: []byte("{")})
	if r := c.reply(); r.Code != uint32(codes.InvalidArgument) {
		t.Errorf("broken JSON: got %d %q, want INVALID_ARGUMENT", r.Code, r.Error)
	}
}

func TestRequestsThatNobodyTakesAreAnswered(t *testing.T) {
	s := newSystem(t)
	s.table = route.Table{Entries: []route.Entry{{ID: 900, App: "rank", Method: "rank.v1.Rank.Top"}}}
	c := s.frontend("frontend-1", link.PoolOptions{}).client("s1", "")
	if r, _ := c.call(900, ""); r.Code != uint32(codes.Unavailable) || r.Flags&wire.FlagRetryable == 0 {
		t.Errorf("known ID without instance: got %+v, want UNAVAILABLE, retryable", r)
	}
	if r, _ := c.call(901, ""); r.Code != uint32(codes.Unimplemented) {
		t.Errorf("unknown ID: got %+v, want UNIMPLEMENTED", r)
	}
}

func TestServiceDeployedLaterIsReached(t *testing.T) {
	s := newSystem(t)
	f := s.frontend("frontend-1", link.PoolOptions{})
	s.start("rank-1", link.ServerOptions{}, service("rank", 0, method(500, echo("rank-1"), route.Options{})))
	f.linked(1)
	if _, text := f.client("s1", "").call(500, "top"); text != "rank-1:top" {
		t.Errorf("got %q, want rank-1:top", text)
	}
}

func TestDeadlineReachesTheHandler(t *testing.T) {
	s := newSystem(t)
	s.start("chat-1", link.ServerOptions{}, service("chat", 0, method(101, func(ctx context.Context, _ *hawospb.Notice) (*hawospb.Notice, error) {
		d, ok := ctx.Deadline()
		if left := time.Until(d); !ok || left > 50*time.Millisecond {
			return nil, fmt.Errorf("deadline in %s, %v", left, ok)
		}
		child, cancel := context.WithCancel(ctx)
		defer cancel()
		<-child.Done()
		return nil, child.Err()
	}, route.Options{Timeout: time.Second})))
	f := s.frontend("frontend-1", link.PoolOptions{})
	f.linked(1)
	c := f.client("s1", "")
	c.sendRequest(link.Request{ID: 101, Timeout: 50 * time.Millisecond}, "")
	if r := c.reply(); r.Code != uint32(codes.DeadlineExceeded) {
		t.Errorf("got %+v, want DEADLINE_EXCEEDED", r)
	}
}

func TestPushTypesAreLearntFromInstances(t *testing.T) {
	s := newSystem(t)
	svc := service("chat", 0, method(101, echo(""), route.Options{}))
	svc.Pushes = []link.Push{{ID: 2101, Message: (*hawospb.OnlineReply)(nil).ProtoReflect().Descriptor()}}
	s.start("chat-1", link.ServerOptions{}, svc)
	f := s.frontend("frontend-1", link.PoolOptions{})
	f.linked(1)
	d, ok := f.PushType(2101)
	if !ok || d.FullName() != "hawos.OnlineReply" || d.Fields().ByName("sessions") == nil {
		t.Errorf("got %v, %v, want hawos.OnlineReply", d, ok)
	}
	if _, ok := f.PushType(2102); ok {
		t.Error("an unknown push has a type")
	}
}
