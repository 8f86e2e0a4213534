package link

import (
	"context"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/recovery"
	"github.com/hawos/hawos/runtime/session"
	"github.com/hawos/hawos/runtime/wire"
)

const (
	maxReply = 64 << 20         // above it the request is answered INTERNAL
	maxKept  = 64 << 10         // what a worker keeps of its scratch buffer
	quiet    = 4                // requests of a frontend at once; up to them who answers sends himself
	eventTTL = 30 * time.Second // how long a handler of session events may take
)

var (
	errGone   = errcode.New(codes.Canceled, "the client is gone")
	errLate   = errcode.New(codes.DeadlineExceeded, "deadline exceeded before the request's turn")
	errDecode = errcode.New(codes.InvalidArgument, "the request cannot be decoded")
	errStops  = errcode.New(codes.Unavailable, "the instance stops").Retry(0)
	errReply  = errcode.New(codes.Internal, "internal error")
)

// call is one request on its way through the instance, or an event of a session,
// which takes its turn among the session's requests.
type call struct {
	next     *call // in a strand
	peer     *peer
	client   *client
	method   *method // nil: an event
	number   uint64
	payload  []byte        // of buf
	buf      mem.Buffer    // nil once decoded
	request  proto.Message // nil until decoded
	fault    error         // why it cannot be decoded
	encoding wire.Encoding
	oneWay   bool
	arrived  time.Time
	deadline time.Time
	info     *session.Session
	trace    []byte // a copy; nil: none
	reason   string // of an event: why the session closed
	closed   bool   // an event: the session closed rather than opened
}

// run implements task: it handles the request and queues the reply.
func (k *call) run(w *worker) {
	s := k.peer.server
	if k.method == nil {
		k.event()
		s.done()
		return
	}
	reply, changes, err := k.handle()
	f := frame{kind: hawospb.Frame_REPLY, call: k.number}
	if err == nil {
		if w.buf, err = k.encoding.Marshal(w.buf[:0], reply); err != nil || len(w.buf) > maxReply {
			err = errReply.Because(err)
		}
	}
	if err == nil {
		f.payload, f.groups = w.buf, changes
	} else {
		k.fail(&f, errcode.From(err))
	}
	k.method.metrics.done(f.code, time.Since(k.arrived))
	k.peer.answer(&f)
	if cap(w.buf) > maxKept {
		w.buf = nil
	}
	s.recycle(k)
	s.done()
}

// handle decodes the request and calls the handler.
func (k *call) handle() (proto.Message, []session.Change, error) {
	if !k.oneWay && k.client.closed.Load() {
		return nil, nil, errGone
	}
	if !time.Now().Before(k.deadline) {
		return nil, nil, errLate
	}
	if k.peer.server.ctx.Err() != nil {
		return nil, nil, errStops
	}
	if err := k.decode(); err != nil {
		return nil, nil, err
	}
	ctx := &callContext{call: session.Call{Session: *k.info, Trace: k.trace}, server: k.peer.server, deadline: k.deadline}
	if !k.oneWay {
		ctx.client = k.client
	}
	defer ctx.finish()
	reply, err := k.invoke(session.NewContext(ctx, &ctx.call))
	if err != nil {
		return nil, nil, err
	}
	return reply, ctx.call.Changes(), nil
}

// invoke calls the handler. A panic of it ends here.
func (k *call) invoke(ctx context.Context) (reply proto.Message, err error) {
	defer func() {
		if v := recover(); v != nil {
			k.peer.server.metrics.panics.Inc()
			err = errReply.Because(recovery.New(v))
		}
	}()
	return k.method.call(ctx, k.request)
}

// decode makes the request of the payload, which it lets go of.
func (k *call) decode() error {
	if k.request != nil {
		return k.fault
	}
	k.request = k.method.newRequest()
	err := k.encoding.Unmarshal(k.payload, k.request)
	k.release()
	if err != nil {
		return errDecode.Because(err)
	}
	return nil
}

func (k *call) release() {
	if k.buf != nil {
		k.buf.Free()
		k.buf, k.payload = nil, nil
	}
}

// fail puts an error into the reply, and its cause, where it is our fault, into
// the log: the client does not see it.
func (k *call) fail(f *frame, e *errcode.Error) {
	f.code, f.err = e.Code(), validText(e.Text())
	if e.Retryable() {
		f.flags, f.retryAfterMS = wire.FlagRetryable, milliseconds(e.RetryAfter())
	}
	level := k.peer.server.o.Log.Debug
	switch codes.Code(e.Code()) {
	case codes.Internal, codes.Unknown, codes.DataLoss:
		level = k.peer.server.o.Log.Error
	}
	level("request failed", "method", k.method.Name, "session", k.info.ID, "uid", k.info.UID, "code", e.Code(), "error", e.Error(), "cause", e.Unwrap())
}

// event tells the services with events that the session opened or closed.
func (k *call) event() {
	s := k.peer.server
	for _, svc := range s.services {
		if svc.Events == nil {
			continue
		}
		err := recovery.Do(func() error {
			ctx, cancel := context.WithTimeout(s.ctx, eventTTL)
			defer cancel()
			ctx = session.NewContext(ctx, &session.Call{Session: *k.info})
			if k.closed {
				svc.Events.SessionClosed(ctx, *k.info, k.reason)
			} else {
				svc.Events.SessionOpened(ctx, *k.info)
			}
			return nil
		})
		if err != nil {
			s.metrics.panics.Inc()
			s.o.Log.Error("session event failed", "service", svc.Name, "session", k.info.ID, "error", err)
		}
	}
}

func (s *Server) recycle(k *call) {
	k.release()
	*k = call{}
	s.spare.Put(k)
}
