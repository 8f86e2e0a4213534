package wsc_test

import (
	"context"
	"errors"
	"net/http"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/wire"
	"github.com/hawos/hawos/runtime/wsc"
)

func TestCloseCodesDecideWhetherItComesBack(t *testing.T) {
	for code, back := range map[int]bool{
		wire.CloseMalformed: false, wire.CloseToken: false, wire.CloseKicked: false, wire.CloseReplaced: false, wire.CloseTooLarge: false,
		wire.CloseIdle: true, wire.CloseTooSlow: true, wire.CloseDraining: true, 1011: true,
	} {
		f := newFrontend(t)
		lost := make(chan error, 1)
		c, p := dial(t, f, wsc.Options{Reconnect: true, OnDisconnect: func(err error) { lost <- err }})
		p.close(code, "why")
		var closed *wsc.Closed
		if err := recv(t, lost); !errors.As(err, &closed) || closed.Code != code || closed.Reason != "why" {
			t.Errorf("%d: OnDisconnect got %v", code, err)
		}
		if !back {
			recv(t, c.Done())
			if !errors.As(c.Err(), &closed) || closed.Code != code {
				t.Errorf("%d: ended with %v", code, c.Err())
			}
			continue
		}
		p = f.accept(t)
		p.welcome("ann")
		result := call(t.Context(), c, "bob")
		p.answer(p.next(), &hawospb.KickReply{})
		if r := recv(t, result); r.err != nil {
			t.Errorf("%d: a call after coming back: %v", code, r.err)
		}
		c.Close()
	}
}

func TestLostConnectionFailsPendingCallsAndHoldsLaterOnes(t *testing.T) {
	f := newFrontend(t)
	c, p := dial(t, f, wsc.Options{Reconnect: true})
	pending := call(t.Context(), c, "pending")
	p.next()
	p.ws.NetConn().Close()
	wantCode(t, recv(t, pending).err, codes.Unavailable)

	later := call(t.Context(), c, "later")
	p = f.accept(t)
	p.welcome("ann")
	request := p.next()
	var in hawospb.KickRequest
	if err := proto.Unmarshal(request.Payload, &in); err != nil || in.GetUid() != "later" {
		t.Errorf("after coming back: got %v, %v, want the later call alone", &in, err)
	}
	p.answer(request, &hawospb.KickReply{})
	if r := recv(t, later); r.err != nil {
		t.Error(r.err)
	}
}

func TestWithoutReconnectItEnds(t *testing.T) {
	f := newFrontend(t)
	c, p := dial(t, f, wsc.Options{})
	p.ws.NetConn().Close()
	recv(t, c.Done())
	if c.Err() == nil || errors.Is(c.Err(), wsc.ErrClosed) {
		t.Errorf("got %v, want why the connection was lost", c.Err())
	}
	wantCode(t, c.Call(t.Context(), kickID, &hawospb.KickRequest{}, nil), codes.Unavailable)
}

func TestOnConnectGoesBeforeWaitingCalls(t *testing.T) {
	f := newFrontend(t)
	logins, lost := make(chan string, 2), make(chan error, 1)
	o := wsc.Options{Token: "t1", Reconnect: true, OnDisconnect: func(err error) { lost <- err }, OnConnect: func(ctx context.Context, c *wsc.Client, login *hawospb.LoginReply) error {
		logins <- login.GetUid()
		return c.Call(ctx, kickID, &hawospb.KickRequest{Uid: "join"}, nil)
	}}
	play := func() *peer {
		p := f.accept(t)
		p.welcome("ann")
		request := p.next()
		var in hawospb.KickRequest
		if err := proto.Unmarshal(request.Payload, &in); err != nil || in.GetUid() != "join" {
			t.Errorf("the first request: got %v, %v, want join", &in, err)
		}
		p.answer(request, &hawospb.KickReply{})
		return p
	}
	dialed := make(chan *wsc.Client, 1)
	go func() {
		c, err := wsc.Dial(context.Background(), f.url, o)
		if err != nil {
			t.Error(err)
		}
		dialed <- c
	}()
	p := play()
	c := recv(t, dialed)
	defer c.Close()
	p.ws.NetConn().Close()
	recv(t, lost)
	later := call(t.Context(), c, "later")
	p = play()
	p.answer(p.next(), &hawospb.KickReply{})
	if r := recv(t, later); r.err != nil {
		t.Error(r.err)
	}
	if len(logins) != 2 {
		t.Errorf("OnConnect ran %d times, want 2", len(logins))
	}
}

func TestOnConnectErrorFailsDial(t *testing.T) {
	f := newFrontend(t)
	want := errors.New("no room")
	failed := make(chan error, 1)
	go func() {
		_, err := wsc.Dial(context.Background(), f.url, wsc.Options{Token: "t1", Reconnect: true,
			OnConnect: func(context.Context, *wsc.Client, *hawospb.LoginReply) error { return want }})
		failed <- err
	}()
	p := f.accept(t)
	p.welcome("ann")
	if err := recv(t, failed); !errors.Is(err, want) {
		t.Errorf("got %v, want %v", err, want)
	}
	recv(t, p.done)
}

func TestRefusedTokenIsReplaced(t *testing.T) {
	f := newFrontend(t)
	asked := make(chan struct{}, 4)
	o := wsc.Options{Token: "old", Reconnect: true, TokenSource: func(context.Context) (string, error) {
		asked <- struct{}{}
		return "new", nil
	}}
	dialed := make(chan *wsc.Client, 1)
	go func() {
		c, err := wsc.Dial(context.Background(), f.url, o)
		if err != nil {
			t.Error(err)
		}
		dialed <- c
	}()
	f.accept(t).close(wire.CloseToken, "expired")
	p := f.accept(t)
	p.welcome("ann")
	c := recv(t, dialed)
	defer c.Close()
	if got := p.header.Get("Authorization"); got != "Bearer new" {
		t.Errorf("at dialing: got %q, want Bearer new", got)
	}
	p.close(wire.CloseToken, "expired again")
	p = f.accept(t)
	p.welcome("ann")
	if got := p.header.Get("Authorization"); got != "Bearer new" || len(asked) != 2 {
		t.Errorf("later: got %q after %d questions, want Bearer new after 2", got, len(asked))
	}
}

func TestGoAwayLetsCallsFinishThenMoves(t *testing.T) {
	f := newFrontend(t)
	c, p := dial(t, f, wsc.Options{Reconnect: true})
	pending := call(t.Context(), c, "pending")
	request := p.next()
	p.push(wire.IDGoAway, &hawospb.GoAway{ReconnectAfterMs: 1})
	// A push behind the GoAway shows that the client has read it.
	seen := make(chan struct{}, 1)
	c.OnRaw(func(uint32, []byte) { seen <- struct{}{} })
	p.push(postID, &hawospb.Notice{})
	recv(t, seen)
	p.answer(request, &hawospb.KickReply{Kicked: 5})
	if r := recv(t, pending); r.err != nil || r.out.GetKicked() != 5 {
		t.Errorf("the call in flight: got %v, %v, want 5", r.out, r.err)
	}
	recv(t, p.done)
	p = f.accept(t)
	p.welcome("ann")
	later := call(t.Context(), c, "later")
	p.answer(p.next(), &hawospb.KickReply{})
	if r := recv(t, later); r.err != nil {
		t.Error(r.err)
	}
}

func TestRefusedUpgradesAreTriedAgainWhereThatHelps(t *testing.T) {
	f := newFrontend(t)
	c, p := dial(t, f, wsc.Options{Reconnect: true})
	f.refuse <- http.StatusServiceUnavailable
	p.ws.NetConn().Close()
	p = f.accept(t)
	p.welcome("ann")
	f.refuse <- http.StatusForbidden
	p.ws.NetConn().Close()
	recv(t, c.Done())
	var refused *wsc.Refused
	if !errors.As(c.Err(), &refused) || refused.Status != http.StatusForbidden {
		t.Errorf("got %v, want HTTP status 403", c.Err())
	}
}

func TestPushesBeforeTheEndAreHandled(t *testing.T) {
	f := newFrontend(t)
	c, p := dial(t, f, wsc.Options{})
	hold, kicked := make(chan struct{}), make(chan string, 1)
	c.On(postID, func() proto.Message { return new(hawospb.Notice) }, func(proto.Message) { <-hold })
	c.On(wire.IDKick, func() proto.Message { return new(hawospb.Kick) }, func(m proto.Message) {
		kicked <- m.(*hawospb.Kick).GetReason()
	})
	p.push(postID, &hawospb.Notice{})
	p.push(wire.IDKick, &hawospb.Kick{Reason: "rude"})
	p.close(wire.CloseKicked, "rude")
	recv(t, c.Done())
	close(hold)
	if got := recv(t, kicked); got != "rude" {
		t.Errorf("got %q, want rude", got)
	}
}

func TestHeartbeatPingsAndNoticesADeadFrontend(t *testing.T) {
	f := newFrontend(t)
	dialed := make(chan *wsc.Client, 1)
	go func() {
		c, err := wsc.Dial(context.Background(), f.url, wsc.Options{Token: "t1"})
		if err != nil {
			t.Error(err)
		}
		dialed <- c
	}()
	p := f.accept(t)
	p.push(wire.IDLogin, &hawospb.LoginReply{Uid: "ann", HeartbeatMs: 40})
	c := recv(t, dialed)
	defer c.Close()
	for range 3 {
		ping := recv(t, p.packets)
		if ping.ID != wire.IDPing || ping.Seq == 0 {
			t.Fatalf("got %+v, want a ping with a seq", ping)
		}
		p.answer(ping, &hawospb.PingReply{})
	}
	start := time.Now() // from here on nothing is answered
	recv(t, c.Done())
	if d := time.Since(start); d > 5*time.Second {
		t.Errorf("a dead frontend was noticed after %v", d)
	}
}

func TestURLSourceSaysWhereToComeBackTo(t *testing.T) {
	old, other := newFrontend(t), newFrontend(t)
	c, p := dial(t, old, wsc.Options{Reconnect: true, URLSource: func(context.Context) (string, error) { return other.url, nil }})
	p.close(wire.CloseDraining, "draining")
	p = other.accept(t)
	p.welcome("ann")
	result := call(t.Context(), c, "bob")
	p.answer(p.next(), &hawospb.KickReply{})
	if r := recv(t, result); r.err != nil {
		t.Errorf("a call through the other frontend: %v", r.err)
	}
}
