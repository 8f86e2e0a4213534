package frontend_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/session"
	"github.com/hawos/hawos/runtime/wire"
)

// The protocol IDs of the test's service.
const (
	idEcho  = 2001
	idWait  = 2002 // answers when the test says so
	idRated = 2003
	idOpen  = 2004 // without a login
	idFail  = 2005
	idJoin  = 2006 // the text is the group
	idLeave = 2007
	idNews  = 2101 // a push, hawospb.Notice
	idGone  = 2999 // known to the generated table, nobody answers it
)

// echo is the service of the tests.
type echo struct {
	release chan struct{}
}

func (e *echo) methods() []link.Method {
	text := func(f func(ctx context.Context, text string) (string, error)) func(context.Context, *hawospb.Notice) (*hawospb.Notice, error) {
		return func(ctx context.Context, in *hawospb.Notice) (*hawospb.Notice, error) {
			out, err := f(ctx, in.GetText())
			if err != nil {
				return nil, err
			}
			return &hawospb.Notice{Text: out}, nil
		}
	}
	who := func(ctx context.Context, t string) (string, error) { return session.UID(ctx) + ":" + t, nil }
	return []link.Method{
		link.Unary(idEcho, "chat.v1.Service.Echo", text(who), route.Options{}),
		link.Unary(idWait, "chat.v1.Service.Wait", text(func(ctx context.Context, t string) (string, error) {
			select {
			case <-e.release:
				return t, nil
			case <-ctx.Done():
				return "", ctx.Err()
			}
		}), route.Options{Order: route.OrderNone, Timeout: 2 * time.Second}),
		link.Unary(idRated, "chat.v1.Service.Rated", text(who), route.Options{Rate: route.Rate{N: 2, Per: time.Minute}}),
		link.Unary(idOpen, "chat.v1.Service.Open", text(who), route.Options{LoginOptional: true}),
		link.Unary(idFail, "chat.v1.Service.Fail", text(func(context.Context, string) (string, error) {
			return "", errcode.New(2401, "room full").Retry(50 * time.Millisecond)
		}), route.Options{}),
		link.Unary(idJoin, "chat.v1.Service.Join", text(func(ctx context.Context, t string) (string, error) {
			return t, session.Join(ctx, t)
		}), route.Options{}),
		link.Unary(idLeave, "chat.v1.Service.Leave", text(func(ctx context.Context, t string) (string, error) {
			return t, session.Leave(ctx, t)
		}), route.Options{}),
	}
}

// start runs one frontend and one instance of the service.
func start(t testing.TB, edit func(*config.Config)) (*node, *echo) {
	t.Helper()
	r := newRig(t)
	n := r.frontend("1", edit)
	e := &echo{release: make(chan struct{})}
	r.service("chat", "1", []link.Push{{ID: idNews, Message: (*hawospb.Notice)(nil).ProtoReflect().Descriptor()}}, e.methods()...)
	c := n.dial(t, wire.Proto, "")
	seq := uint32(0)
	eventually(t, "the frontend reaches the service", func() bool {
		seq++
		return c.call(idOpen, seq, nil).Code == 0
	})
	c.Close()
	return n, e
}

func TestFrontendAnswersRequests(t *testing.T) {
	n, _ := start(t, nil)
	for _, e := range []wire.Encoding{wire.Proto, wire.JSON} {
		t.Run(e.Subprotocol(), func(t *testing.T) {
			c := n.dial(t, e, n.token("ann"))
			var login hawospb.LoginReply
			p := c.read()
			c.decode(p, &login)
			if p.ID != wire.IDLogin || p.Seq != 0 || login.GetUid() != "ann" || login.GetSessionId() == "" || login.GetHeartbeatMs() != 20000 ||
				login.GetMaxPacketBytes() != 65536 || login.GetMaxInFlight() != 64 {
				t.Errorf("got %+v %v, want the LoginReply of ann", p, &login)
			}
			var out hawospb.Notice
			if c.decode(c.call(idEcho, 1, &hawospb.Notice{Text: "hi"}), &out); out.GetText() != "ann:hi" {
				t.Errorf("got %q, want ann:hi", out.GetText())
			}
			p = c.call(idFail, 2, nil)
			if p.Code != 2401 || p.Error != "room full" || p.Flags != wire.FlagRetryable || p.RetryAfterMS != 50 || len(p.Payload) != 0 {
				t.Errorf("got %+v, want the service's own error", p)
			}
		})
	}
}

func TestFrontendRefusesRequests(t *testing.T) {
	n, _ := start(t, nil)
	stranger, ann := n.dial(t, wire.Proto, ""), n.login(t, "ann")
	ann.call(idRated, 1, nil)
	ann.call(idRated, 2, nil)
	for _, c := range []struct {
		name      string
		client    *client
		packet    wire.Packet
		code      codes.Code
		retryable bool
	}{
		{"unknown ID", ann, wire.Packet{ID: 77777}, codes.Unimplemented, false},
		{"reserved ID", ann, wire.Packet{ID: 50}, codes.Unimplemented, false},
		{"ID of the server", ann, wire.Packet{ID: wire.IDKick}, codes.Unimplemented, false},
		{"no login", stranger, wire.Packet{ID: idEcho}, codes.Unauthenticated, false},
		{"rate", ann, wire.Packet{ID: idRated}, codes.ResourceExhausted, true},
		{"no instance", ann, wire.Packet{ID: idGone}, codes.Unavailable, true},
		{"compression", ann, wire.Packet{ID: idEcho, Flags: 0x100}, codes.InvalidArgument, false},
		{"compression of a ping", ann, wire.Packet{ID: wire.IDPing, Flags: 0x300}, codes.InvalidArgument, false},
		{"payload", ann, wire.Packet{ID: idEcho, Payload: []byte{0xff}}, codes.InvalidArgument, false},
		{"ping's payload", ann, wire.Packet{ID: wire.IDPing, Payload: []byte{0xff}}, codes.InvalidArgument, false},
		{"login's payload", ann, wire.Packet{ID: wire.IDLogin, Payload: []byte{0xff}}, codes.InvalidArgument, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			c.packet.Seq = 9
			c.client.send(c.packet)
			p := c.client.read()
			if p.Seq != 9 || p.ID != c.packet.ID || p.Code != uint32(c.code) || p.Flags == wire.FlagRetryable != c.retryable || p.Error == "" {
				t.Errorf("got %+v, want %v", p, c.code)
			}
			if c.code == codes.ResourceExhausted && (p.RetryAfterMS < 29000 || p.RetryAfterMS > 30000) {
				t.Errorf("got retry after %d ms, want about 30 s", p.RetryAfterMS)
			}
		})
	}
	if p := ann.call(idEcho, 1, nil); p.Code != 0 {
		t.Errorf("after all refusals: got %+v, want an answer", p)
	}
}

func TestFrontendNeverAnswersOneWay(t *testing.T) {
	n, _ := start(t, nil)
	c := n.login(t, "ann")
	for _, id := range []uint32{idEcho, idFail, 77777, idGone, wire.IDPing, wire.IDAck, wire.IDNotice} {
		c.send(wire.Packet{ID: id})
	}
	if p := c.call(wire.IDPing, 4, &hawospb.PingRequest{ClientTimeMs: 7}); p.Seq != 4 {
		t.Errorf("got %+v, want nothing before the answer to the ping", p)
	}
	if p := c.call(idEcho, 5, nil); p.Seq != 5 {
		t.Errorf("got %+v", p)
	}
}

func TestFrontendTimesRequestsOut(t *testing.T) {
	n, e := start(t, nil)
	c := n.login(t, "ann")
	c.send(wire.Packet{ID: idWait, Seq: 1, TimeoutMS: 20})
	if p := c.read(); p.Seq != 1 || p.Code != uint32(codes.DeadlineExceeded) {
		t.Errorf("got %+v, want DEADLINE_EXCEEDED", p)
	}
	close(e.release)
	if p := c.call(idEcho, 1, nil); p.Code != 0 { // the seq is free again
		t.Errorf("got %+v, want an answer", p)
	}
}

func TestFrontendRefusesADuplicateSeq(t *testing.T) {
	n, e := start(t, nil)
	c := n.login(t, "ann")
	c.send(wire.Packet{ID: idWait, Seq: 1})
	c.send(wire.Packet{ID: idEcho, Seq: 1})
	if p := c.read(); p.ID != idEcho || p.Seq != 1 || p.Code != wire.CodeDuplicateSeq {
		t.Errorf("got %+v, want code %d", p, wire.CodeDuplicateSeq)
	}
	close(e.release)
	if p := c.read(); p.ID != idWait || p.Seq != 1 || p.Code != 0 {
		t.Errorf("got %+v, want the first one's answer", p)
	}
}

func TestFrontendKeepsOrderUnderPipelining(t *testing.T) {
	n, _ := start(t, nil)
	var wait sync.WaitGroup
	for u := range 5 {
		c := n.login(t, fmt.Sprint("u", u))
		wait.Go(func() {
			go func() {
				for seq := range uint32(300) {
					b := wire.Packet{ID: idEcho, Seq: seq + 1}
					if c.WriteMessage(2, b.Append(nil)) != nil {
						return
					}
				}
			}()
			for seq := range uint32(300) {
				_, b, err := c.ReadMessage()
				var p wire.Packet
				if err != nil || p.Unmarshal(b) != nil || p.Seq != seq+1 || p.Code != 0 {
					t.Errorf("got %+v, %v, want the reply %d", p, err, seq+1)
					return
				}
			}
		})
	}
	wait.Wait()
}

func TestFrontendStopsReadingAboveMaxInFlight(t *testing.T) {
	n, e := start(t, func(c *config.Config) { c.WS.MaxInFlight = 4 })
	c := n.login(t, "ann")
	for seq := range uint32(10) {
		c.send(wire.Packet{ID: idWait, Seq: seq + 1})
	}
	c.send(wire.Packet{ID: wire.IDPing, Seq: 99})
	close(e.release)
	seen := map[uint32]bool{}
	for range 11 {
		p := c.read()
		seen[p.Seq] = true
		if p.Seq == 99 && len(seen) < 8 {
			t.Errorf("the ping was answered after %d of 10 requests: the socket was read with more than 4 in flight", len(seen)-1)
		}
	}
	if len(seen) != 11 {
		t.Errorf("got %d answers, want 11", len(seen))
	}
}

func TestFrontendPings(t *testing.T) {
	n, _ := start(t, nil)
	c := n.dial(t, wire.JSON, "")
	var out hawospb.PingReply
	c.decode(c.call(wire.IDPing, 1, &hawospb.PingRequest{ClientTimeMs: 7}), &out)
	if out.GetClientTimeMs() != 7 || time.Since(time.UnixMilli(out.GetServerTimeMs())).Abs() > time.Minute {
		t.Errorf("got %v", &out)
	}
}
