package wsc_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/wire"
	"github.com/hawos/hawos/runtime/wsc"
)

const (
	kickID uint32 = 2001
	postID uint32 = 2101
)

// dial returns a client that is logged in as ann, and the frontend's end.
func dial(t *testing.T, f *frontend, o wsc.Options) (*wsc.Client, *peer) {
	t.Helper()
	if o.Token == "" && o.TokenSource == nil {
		o.Token = "t1"
	}
	type dialed struct {
		c   *wsc.Client
		err error
	}
	result := make(chan dialed, 1)
	go func() {
		c, err := wsc.Dial(context.Background(), f.url, o)
		result <- dialed{c, err}
	}()
	p := f.accept(t)
	p.welcome("ann")
	d := <-result
	if d.err != nil {
		t.Fatal(d.err)
	}
	t.Cleanup(func() { d.c.Close() })
	return d.c, p
}

// called is a Call under way.
type called struct {
	out *hawospb.KickReply
	err error
}

func call(ctx context.Context, c *wsc.Client, uid string) <-chan called {
	result := make(chan called, 1)
	go func() {
		out := new(hawospb.KickReply)
		err := c.Call(ctx, kickID, &hawospb.KickRequest{Uid: uid}, out)
		result <- called{out, err}
	}()
	return result
}

// recv returns what the channel gives soon.
func recv[T any](t *testing.T, c <-chan T) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(10 * time.Second):
		t.Fatal("nothing within 10s")
		panic("unreachable")
	}
}

func wantCode(t *testing.T, err error, want codes.Code) *errcode.Error {
	t.Helper()
	var e *errcode.Error
	if !errors.As(err, &e) || e.Code() != uint32(want) {
		t.Fatalf("got %v, want code %d", err, want)
	}
	return e
}

func TestLoginAndCallInBothEncodings(t *testing.T) {
	for _, json := range []bool{false, true} {
		f := newFrontend(t)
		c, p := dial(t, f, wsc.Options{JSON: json, Header: http.Header{"X-Test": {"1"}}})
		if got := p.header.Get("Authorization") + p.header.Get("X-Test"); got != "Bearer t11" {
			t.Errorf("json %v: header: got %q", json, got)
		}
		if got := c.Login().GetUid(); got != "ann" {
			t.Errorf("json %v: login: got uid %q, want ann", json, got)
		}
		result := call(t.Context(), c, "bob")
		request := p.next()
		var in hawospb.KickRequest
		if err := p.encoding.Unmarshal(request.Payload, &in); err != nil || in.GetUid() != "bob" || request.ID != kickID || request.Seq == 0 {
			t.Errorf("json %v: request: got %+v, %v", json, request, err)
		}
		p.answer(request, &hawospb.KickReply{Kicked: 3})
		if r := recv(t, result); r.err != nil || r.out.GetKicked() != 3 {
			t.Errorf("json %v: reply: got %v, %v, want 3", json, r.out, r.err)
		}
	}
}

func TestRepliesFindTheirCallsInAnyOrder(t *testing.T) {
	f := newFrontend(t)
	c, p := dial(t, f, wsc.Options{})
	results := make(map[string]<-chan called)
	for i := range 20 {
		uid := fmt.Sprint(i)
		results[uid] = call(t.Context(), c, uid)
	}
	var requests []wire.Packet
	for range results {
		requests = append(requests, p.next())
	}
	for i := len(requests) - 1; i >= 0; i-- {
		var in hawospb.KickRequest
		if err := proto.Unmarshal(requests[i].Payload, &in); err != nil {
			t.Fatal(err)
		}
		p.answer(requests[i], &hawospb.KickReply{Kicked: uint32(len(in.GetUid())*1000) + uint32(in.GetUid()[0])})
	}
	for uid, result := range results {
		want := uint32(len(uid)*1000) + uint32(uid[0])
		if r := recv(t, result); r.err != nil || r.out.GetKicked() != want {
			t.Errorf("call %s: got %v, %v, want %d", uid, r.out, r.err, want)
		}
	}
}

func TestRefusalIsATypedError(t *testing.T) {
	f := newFrontend(t)
	c, p := dial(t, f, wsc.Options{})
	result := call(t.Context(), c, "bob")
	request := p.next()
	p.send(wire.Packet{ID: request.ID, Seq: request.Seq, Code: 2401, Error: "room full", Flags: wire.FlagRetryable, RetryAfterMS: 1500})
	e := wantCode(t, recv(t, result).err, 2401)
	if e.Text() != "room full" || !e.Retryable() || e.RetryAfter() != 1500*time.Millisecond {
		t.Errorf("got %#v", e)
	}
}

func TestDeadlineTravelsAndEndsTheCall(t *testing.T) {
	f := newFrontend(t)
	c, p := dial(t, f, wsc.Options{})
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	late := call(ctx, c, "bob")
	request := p.next()
	if request.TimeoutMS == 0 || request.TimeoutMS > 50 {
		t.Errorf("timeout_ms: got %d, want 1 to 50", request.TimeoutMS)
	}
	wantCode(t, recv(t, late).err, codes.DeadlineExceeded)
	p.answer(request, &hawospb.KickReply{Kicked: 9}) // too late; must reach nobody

	result := call(t.Context(), c, "bob")
	request = p.next()
	if request.TimeoutMS != 0 {
		t.Errorf("timeout_ms without a deadline: got %d, want 0", request.TimeoutMS)
	}
	p.answer(request, &hawospb.KickReply{Kicked: 1})
	if r := recv(t, result); r.err != nil || r.out.GetKicked() != 1 {
		t.Errorf("the next call: got %v, %v, want 1", r.out, r.err)
	}
}

func TestOneWayHasNoSeq(t *testing.T) {
	f := newFrontend(t)
	c, p := dial(t, f, wsc.Options{})
	if err := c.Send(t.Context(), kickID, &hawospb.KickRequest{Uid: "bob"}); err != nil {
		t.Fatal(err)
	}
	if got := p.next(); got.ID != kickID || got.Seq != 0 {
		t.Errorf("got %+v, want ID %d and seq 0", got, kickID)
	}
}

func TestPushesComeInOrderAndTheirHandlersMayCall(t *testing.T) {
	f := newFrontend(t)
	c, p := dial(t, f, wsc.Options{})
	const n = 200
	got, raw := make(chan string, n), make(chan uint32, n+1)
	c.OnRaw(func(id uint32, _ []byte) { raw <- id })
	c.On(postID, func() proto.Message { return new(hawospb.Notice) }, func(m proto.Message) {
		text := m.(*hawospb.Notice).GetText()
		if text == "0" {
			if err := c.Call(context.Background(), kickID, &hawospb.KickRequest{}, nil); err != nil {
				t.Error(err)
			}
		}
		got <- text
	})
	p.push(wire.IDNotice, &hawospb.Notice{Text: "for people"})
	for i := range n {
		p.push(postID, &hawospb.Notice{Text: fmt.Sprint(i)})
	}
	p.answer(p.next(), &hawospb.KickReply{})
	for i := range n {
		if text := recv(t, got); text != fmt.Sprint(i) {
			t.Fatalf("got push %s, want %d", text, i)
		}
	}
	if id := recv(t, raw); id != wire.IDNotice {
		t.Errorf("raw: got ID %d, want %d first", id, wire.IDNotice)
	}
}

func TestDialFailsWithTheReason(t *testing.T) {
	f := newFrontend(t)
	f.refuse <- http.StatusForbidden
	_, err := wsc.Dial(t.Context(), f.url, wsc.Options{})
	var refused *wsc.Refused
	if !errors.As(err, &refused) || refused.Status != http.StatusForbidden {
		t.Errorf("refused upgrade: got %v, want HTTP status 403", err)
	}

	failed := make(chan error, 1)
	go func() {
		_, err := wsc.Dial(context.Background(), f.url, wsc.Options{Token: "old", Reconnect: true})
		failed <- err
	}()
	f.accept(t).close(wire.CloseToken, "token has expired")
	var closed *wsc.Closed
	if err := recv(t, failed); !errors.As(err, &closed) || closed.Code != wire.CloseToken || closed.Reason != "token has expired" {
		t.Errorf("refused token: got %v, want close code 4401 and its reason", err)
	}

	go func() {
		_, err := wsc.Dial(context.Background(), f.url, wsc.Options{Token: "t1", Reconnect: true})
		failed <- err
	}()
	p := f.accept(t)
	p.send(wire.Packet{ID: wire.IDLogin, Code: uint32(codes.AlreadyExists), Error: "logged in elsewhere"})
	p.close(wire.CloseReplaced, "")
	err = recv(t, failed)
	if e := wantCode(t, err, codes.AlreadyExists); e.Text() != "logged in elsewhere" || !errors.As(err, &closed) || closed.Code != wire.CloseReplaced {
		t.Errorf("refused login: got %v, want code 6 and close code 4409", err)
	}

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := wsc.Dial(ctx, f.url, wsc.Options{Token: "t1"}); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no login reply: got %v, want the context's end", err)
	}
}

func TestCloseEndsCallsAndSaysGoodbye(t *testing.T) {
	f := newFrontend(t)
	c, p := dial(t, f, wsc.Options{Reconnect: true})
	result := call(t.Context(), c, "bob")
	p.next()
	if err := c.Close(); err != nil {
		t.Error(err)
	}
	wantCode(t, recv(t, result).err, codes.Unavailable)
	recv(t, c.Done())
	if !errors.Is(c.Err(), wsc.ErrClosed) {
		t.Errorf("got %v, want %v", c.Err(), wsc.ErrClosed)
	}
	recv(t, p.done)
	if want := "websocket: close 1000 (normal)"; p.err.Error() != want {
		t.Errorf("the frontend saw %v, want %s", p.err, want)
	}
	wantCode(t, c.Call(t.Context(), kickID, &hawospb.KickRequest{}, nil), codes.Unavailable)
	if err := c.Close(); err != nil {
		t.Errorf("again: %v", err)
	}
}
