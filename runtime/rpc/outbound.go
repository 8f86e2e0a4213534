package rpc

import (
	"context"
	"time"

	"google.golang.org/grpc"

	"github.com/hawos/hawos/runtime/errcode"
)

// outbound is what happens to every call that a dialer's connections make.
type outbound struct {
	timeout time.Duration
	trusted bool // the other side believes what is forwarded
	metrics *metrics
}

// unary sees to a deadline, forwards the session, and returns typed errors.
func (o *outbound) unary(ctx context.Context, method string, in, out any, cc *grpc.ClientConn, invoke grpc.UnaryInvoker, opts ...grpc.CallOption) (err error) {
	done := o.metrics.begin(method)
	defer func() { done(err) }()
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, o.timeout)
		defer cancel()
	}
	if o.trusted {
		ctx = sendSession(ctx)
	}
	if err := invoke(ctx, method, in, out, cc, opts...); err != nil {
		return errcode.From(err)
	}
	return nil
}

// stream forwards the session. Streams have the deadline that their context has.
func (o *outbound) stream(ctx context.Context, desc *grpc.StreamDesc, cc *grpc.ClientConn, method string, open grpc.Streamer, opts ...grpc.CallOption) (grpc.ClientStream, error) {
	if o.trusted {
		ctx = sendSession(ctx)
	}
	return open(ctx, desc, cc, method, opts...)
}
