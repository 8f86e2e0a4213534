package rpc

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/recovery"
)

// linkPrefix begins the methods of package link.
const linkPrefix = "/hawos.Link/"

// inbound is what happens to every call that a server answers.
type inbound struct {
	gate    gate
	timeout time.Duration
	log     *slog.Logger
	metrics *metrics
}

func (i *inbound) unary(ctx context.Context, in any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (out any, err error) {
	done := i.metrics.begin(info.FullMethod)
	defer func() { done(err) }()
	trusted, err := i.gate.check(ctx)
	if err != nil {
		return nil, err
	}
	if trusted {
		if ctx, err = receiveSession(ctx); err != nil {
			return nil, err
		}
	}
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, i.timeout)
		defer cancel()
	}
	err = recovery.Do(func() error {
		out, err = handler(ctx, in)
		return err
	})
	if err != nil {
		return nil, i.shown(info.FullMethod, err)
	}
	return out, nil
}

func (i *inbound) stream(srv any, s grpc.ServerStream, info *grpc.StreamServerInfo, handler grpc.StreamHandler) (err error) {
	done := i.metrics.begin(info.FullMethod)
	defer func() { done(err) }()
	trusted, err := i.gate.check(s.Context())
	if err != nil {
		return err
	}
	if !trusted && strings.HasPrefix(info.FullMethod, linkPrefix) {
		return errUntrusted
	}
	if trusted {
		ctx, err := receiveSession(s.Context())
		if err != nil {
			return err
		}
		if ctx != s.Context() {
			s = streamWith{s, ctx}
		}
	}
	if err := recovery.Do(func() error { return handler(srv, s) }); err != nil {
		return i.shown(info.FullMethod, err)
	}
	return nil
}

// streamWith is a stream with another context.
type streamWith struct {
	grpc.ServerStream
	ctx context.Context
}

// Context implements grpc.ServerStream.
func (s streamWith) Context() context.Context { return s.ctx }

// shown is what the caller sees of a handler's error; the cause of what is our
// fault goes into the log.
func (i *inbound) shown(method string, err error) error {
	var e *errcode.Error
	var p *recovery.Panic
	if errors.As(err, &p) {
		i.metrics.panics.Inc()
	} else if s, ok := err.(interface{ GRPCStatus() *status.Status }); ok && !errors.As(err, &e) {
		return s.GRPCStatus().Err() // with its details
	}
	e = errcode.From(err)
	if c := codes.Code(e.Code()); c == codes.Internal || c == codes.Unknown || c == codes.DataLoss {
		i.log.Error("call failed", "method", method, "code", e.Code(), "error", err)
	}
	return e.GRPCStatus().Err()
}
