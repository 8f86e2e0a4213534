package errcode_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"

	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/hawospb"
)

var errRoomFull = errcode.New(2401, "room full")

// frontend is a gRPC service that fails with the error of its test.
type frontend struct {
	hawospb.UnimplementedFrontendServer
	err error
}

func (f *frontend) Kick(context.Context, *hawospb.KickRequest) (*hawospb.KickReply, error) {
	return nil, f.err
}

// overGRPC returns what a caller sees of the error.
func overGRPC(t *testing.T, err error) error {
	t.Helper()
	l := bufconn.Listen(1 << 16)
	s := grpc.NewServer()
	hawospb.RegisterFrontendServer(s, &frontend{err: err})
	served := make(chan error, 1)
	go func() { served <- s.Serve(l) }()
	defer func() {
		s.Stop()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}()
	c, dialErr := grpc.NewClient("passthrough:///x", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return l.DialContext(ctx) }))
	if dialErr != nil {
		t.Fatal(dialErr)
	}
	defer c.Close()
	_, got := hawospb.NewFrontendClient(c).Kick(t.Context(), &hawospb.KickRequest{})
	return got
}

func TestErrorSurvivesGRPC(t *testing.T) {
	for _, want := range []*errcode.Error{
		errRoomFull,
		errRoomFull.Textf("room %q is full", "den").Because(errors.New("inner")).Retry(1500 * time.Millisecond),
		errRoomFull.Retry(0),
		errcode.New(codes.NotFound, "no such room"),
		errcode.New(codes.Unavailable, "later").Retry(time.Second),
		errcode.New(codes.Unavailable, "no instance of chat"),
		errcode.New(codes.Internal, "internal error"),
		errcode.New(42, "one of hawos's own"),
	} {
		got := errcode.From(overGRPC(t, want))
		if got.Code() != want.Code() || got.Text() != want.Text() || got.Retryable() != want.Retryable() || got.RetryAfter() != want.RetryAfter() {
			t.Errorf("got %#v, want %#v", got, want)
		}
		if strings.Contains(got.Error(), "inner") {
			t.Errorf("the cause crossed the border: %v", got)
		}
	}
}

func TestIsFindsTheCodeWhateverTheText(t *testing.T) {
	got := fmt.Errorf("join: %w", errRoomFull.Textf("another text").Because(errors.New("inner")))
	if !errors.Is(got, errRoomFull) {
		t.Errorf("%v is not %v", got, errRoomFull)
	}
	if errors.Is(got, errcode.New(2402, "room full")) {
		t.Errorf("%v is an error of another code", got)
	}
	if err := overGRPC(t, errRoomFull); !errors.Is(errcode.From(err), errRoomFull) {
		t.Errorf("over gRPC: %v is not %v", err, errRoomFull)
	}
}

func TestCopiesLeaveTheOriginalAlone(t *testing.T) {
	e := errcode.New(2401, "room full")
	_ = e.Textf("x").Because(errors.New("y")).Retry(time.Second)
	if e.Text() != "room full" || e.Unwrap() != nil || e.Retryable() || e.RetryAfter() != 0 {
		t.Errorf("got %#v, want it unchanged", e)
	}
}

type okStatus struct{}

func (okStatus) Error() string              { return "odd" }
func (okStatus) GRPCStatus() *status.Status { return nil }

func TestFromAnyError(t *testing.T) {
	inner := errors.New("redis at 10.0.0.1 is away")
	for _, c := range []struct {
		name string
		err  error
		code codes.Code
		text string
	}{
		{"a typed one, wrapped", fmt.Errorf("x: %w", errRoomFull), 2401, "room full"},
		{"a status", status.Error(codes.NotFound, "no room"), codes.NotFound, "no room"},
		{"a status, wrapped: the wrapping is the server's", fmt.Errorf("call chat at 10.0.0.1: %w", status.Error(codes.NotFound, "no room")), codes.NotFound, "no room"},
		{"what gRPC says of a lost connection", status.Error(codes.Unavailable, "dial tcp 10.0.0.1:7000: refused"), codes.Unavailable, "Unavailable"},
		{"a status of OK is none", okStatus{}, codes.Internal, "internal error"},
		{"deadline", fmt.Errorf("x: %w", context.DeadlineExceeded), codes.DeadlineExceeded, "DeadlineExceeded"},
		{"cancelled", context.Canceled, codes.Canceled, "Canceled"},
		{"any other", inner, codes.Internal, "internal error"},
	} {
		got := errcode.From(c.err)
		if got.Code() != uint32(c.code) || got.Text() != c.text {
			t.Errorf("%s: got %d %q, want %d %q", c.name, got.Code(), got.Text(), c.code, c.text)
		}
	}
	if got := errcode.From(inner); !errors.Is(got, inner) {
		t.Errorf("the log does not see the cause: %v", got)
	}
	if got := errcode.From(nil); got != nil {
		t.Errorf("nil: got %v", got)
	}
}

func TestZeroIsNoErrorCode(t *testing.T) {
	if got := errcode.New(0, "x").Code(); got != uint32(codes.Unknown) {
		t.Errorf("got %d, want %d", got, codes.Unknown)
	}
}

func TestErrorTextForLogs(t *testing.T) {
	for want, e := range map[string]*errcode.Error{
		"room full (code 2401)":        errRoomFull,
		"room full: inner (code 2401)": errRoomFull.Because(errors.New("inner")),
		"Unavailable: inner (code 14)": errcode.New(14, "").Because(errors.New("inner")),
		"room den is full (code 2401)": errRoomFull.Textf("room %s is full", "den"),
	} {
		if got := e.Error(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}
