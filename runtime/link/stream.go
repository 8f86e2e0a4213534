package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/keepalive"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/hawospb"
)

const (
	protocol     = 1                     // version of the link protocol
	helloTimeout = 5 * time.Second       // for the other side's first frame
	firstRetry   = 50 * time.Millisecond // doubled up to lastRetry
	lastRetry    = 2 * time.Second       //
	pingEvery    = 10 * time.Second      // gRPC's least; finds half-open connections
	pingTimeout  = 3 * time.Second       //
	windowBytes  = 1 << 20               // what an instance may send before the frontend reads
	maxMessage   = 72 << 20              // above the greatest packet that can be configured
	openMethod   = "/hawos.Link/Open"
)

var openDesc = grpc.StreamDesc{StreamName: "Open", ServerStreams: true, ClientStreams: true}

// dialOptions are those of all links; the pool's own come after them.
func dialOptions() []grpc.DialOption {
	return []grpc.DialOption{
		grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDisableRetry(),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff:           backoff.Config{BaseDelay: firstRetry, Multiplier: 1.6, Jitter: 0.2, MaxDelay: lastRetry},
			MinConnectTimeout: 3 * time.Second,
		}),
		grpc.WithKeepaliveParams(keepalive.ClientParameters{Time: pingEvery, Timeout: pingTimeout, PermitWithoutStream: true}),
		grpc.WithInitialWindowSize(windowBytes),
		grpc.WithInitialConnWindowSize(windowBytes),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxMessage)),
	}
}

// run holds a stream to the instance open until ctx ends or the link is retired.
func (c *conn) run(ctx context.Context) {
	defer c.cancel()
	log := c.pool.o.Log.With("instance", c.name, "address", c.address)
	channel, err := grpc.NewClient("passthrough:///"+c.address, append(dialOptions(), c.pool.o.DialOptions...)...)
	if err != nil {
		log.Error("cannot link to the instance", "error", err)
		return
	}
	defer channel.Close()
	wait := time.Duration(0)
	for ctx.Err() == nil && !c.gone.Load() {
		linked, err := c.serve(ctx, channel)
		switch {
		case ctx.Err() != nil || c.gone.Load():
			return
		case err == nil:
			log.Info("link ended: the instance drains")
			wait = lastRetry // unless the registry knows of another run
		case linked:
			log.Warn("link is lost", "error", err)
			wait = firstRetry
		case wait == 0:
			log.Warn("cannot link to the instance yet", "error", err)
			wait = firstRetry
		default:
			log.Debug("cannot link to the instance yet", "error", err)
			wait = min(2*wait, lastRetry)
		}
		c.rest(ctx, wait)
		channel.ResetConnectBackoff()
	}
}

// rest waits for d, give or take a quarter, or until an attempt is worth while.
func (c *conn) rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d*3/4 + rand.N(d/2))
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-c.wake:
	case <-t.C:
	}
}

// serve opens one stream and reads it to its end. linked tells that both sides
// said hello; the error is nil where the instance ended the stream after all was
// answered.
func (c *conn) serve(ctx context.Context, channel *grpc.ClientConn) (linked bool, err error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	late := time.AfterFunc(helloTimeout, cancel)
	defer late.Stop()
	stream, err := channel.NewStream(ctx, &openDesc, openMethod, grpc.ForceCodecV2(Codec{}))
	if err != nil {
		return false, err
	}
	out := newOutbox(c.pool.o.MaxQueueBytes, &c.pool.buffers, streamer{
		send: func(p *packed) error { return stream.SendMsg(p) }, end: stream.CloseSend, drop: cancel,
	})
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		_ = out.run(ctx) // what breaks the stream, the reader returns
	}()
	defer func() { cancel(); <-sent }()

	hello, err := c.greet(stream, out)
	if err != nil {
		return false, err
	}
	late.Stop()
	if err := c.pool.types.add(hello); err != nil {
		c.pool.o.Log.Error("push types of the instance cannot be used", "instance", c.name, "error", err)
	}
	c.pool.metrics.links.Inc()
	defer c.pool.metrics.links.Dec()
	c.up(out, hello)
	defer c.down()
	defer c.settled()
	return true, ended(receive(batches{stream, c}, 0, func(f *frame, _ mem.Buffer) error { return c.receive(f) }))
}

// ended is nil for the end of a stream that both sides wanted.
func ended(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// greet exchanges hellos.
func (c *conn) greet(stream grpc.ClientStream, out *outbox) (*hawospb.Hello, error) {
	o := &c.pool.o
	err := say(out, &hawospb.Hello{Instance: o.Instance, Epoch: o.Epoch, Namespace: o.Namespace, Protocol: protocol})
	if err != nil {
		return nil, err
	}
	hello, err := listen(stream)
	if err != nil {
		return nil, err
	}
	if hello.GetInstance() != c.name {
		return nil, fmt.Errorf("%s is at %s instead of %s", hello.GetInstance(), c.address, c.name)
	}
	return hello, check(hello, o.Namespace)
}

// check says why the other side cannot be talked to.
func check(h *hawospb.Hello, namespace string) error {
	if h.GetNamespace() != namespace {
		return fmt.Errorf("%s is of namespace %q, not %q", h.GetInstance(), h.GetNamespace(), namespace)
	}
	if h.GetProtocol() != protocol {
		return fmt.Errorf("%s speaks version %d of the link protocol, not %d", h.GetInstance(), h.GetProtocol(), protocol)
	}
	return nil
}

// say sends the hello.
func say(out *outbox, h *hawospb.Hello) error {
	b, err := proto.Marshal(h)
	if err != nil {
		return fmt.Errorf("encode hello: %w", err)
	}
	if err := out.put(&frame{kind: hawospb.Frame_HELLO, hello: b}, true); err != nil {
		return err
	}
	out.flush(true)
	return nil
}

// receiver is either side of a stream.
type receiver interface{ RecvMsg(any) error }

// receive handles the frames of n batches, or of all where n is 0. It returns the
// stream's end as an error.
func receive(s receiver, n int, each func(*frame, mem.Buffer) error) error {
	var in packed
	var f frame
	for k := 0; n == 0 || k < n; k++ {
		if err := s.RecvMsg(&in); err != nil {
			return err
		}
		err := parseBatch(in.buf.ReadOnlyData(), &f, func(f *frame) error { return each(f, in.buf) })
		in.buf.Free()
		if err != nil {
			return err
		}
	}
	return nil
}

// listen waits for the other side's hello, which comes alone.
func listen(s receiver) (*hawospb.Hello, error) {
	var hello *hawospb.Hello
	err := receive(s, 1, func(f *frame, _ mem.Buffer) error {
		if f.kind != hawospb.Frame_HELLO || hello != nil {
			return fmt.Errorf("%w: it does not begin with one hello", errMalformed)
		}
		hello = new(hawospb.Hello)
		return proto.Unmarshal(f.hello, hello)
	})
	if err == nil && hello == nil {
		err = fmt.Errorf("%w: it is empty", errMalformed)
	}
	return hello, err
}
