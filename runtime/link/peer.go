package link

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"sync/atomic"
	"unicode/utf8"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/mem"
	"google.golang.org/grpc/status"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/session"
)

// peer is the instance's end of the link to one frontend.
type peer struct {
	server   *Server
	frontend string // instance name
	out      *outbox
	owed     atomic.Int64  // answers
	idle     chan struct{} // holds one token when no answer is owed any more
	broken   chan struct{} // closed by drop
	once     sync.Once

	sessions map[uint64]*client // the reader's alone
}

// open serves one stream, to its end.
func (s *Server) open(stream grpc.ServerStream) error {
	p := &peer{server: s, idle: make(chan struct{}, 1), broken: make(chan struct{}), sessions: map[uint64]*client{}}
	p.out = newOutbox(0, &s.buffers, streamer{
		send: func(m *packed) error { return stream.SendMsg(m) }, end: func() error { return nil },
		drop: func() { p.once.Do(func() { close(p.broken) }) },
	})
	if err := s.enter(p); err != nil {
		return err
	}
	defer s.leave(p)
	defer p.out.close()
	ctx, cancel := context.WithCancel(stream.Context())
	defer cancel()
	sent, read := make(chan struct{}), make(chan error, 1)
	// They end when this returns, which ends the stream; Close waits for them.
	s.loops.Go(func() { defer close(sent); _ = p.out.run(ctx) })
	s.loops.Go(func() { read <- p.read(stream) })
	select {
	case err := <-read:
		if !errors.Is(err, io.EOF) {
			return err
		}
	case <-p.broken:
		s.o.Log.Error("frontend does not read; its link is given up", "frontend", p.frontend)
		return status.Error(codes.ResourceExhausted, "too many replies wait")
	case <-s.ctx.Done():
		return status.Error(codes.Unavailable, "the instance stops")
	}
	return p.settle(ctx, sent)
}

// settle answers what is owed to a frontend that sends nothing more.
func (p *peer) settle(ctx context.Context, sent <-chan struct{}) error {
	for p.owed.Load() > 0 {
		select {
		case <-p.idle:
		case <-ctx.Done():
			return ctx.Err()
		case <-p.server.ctx.Done():
			return status.Error(codes.Unavailable, "the instance stops")
		}
	}
	p.out.finish()
	select {
	case <-sent:
	case <-ctx.Done():
	case <-p.server.ctx.Done():
	}
	return nil
}

// read handles the frontend's frames until the stream ends; its sessions end with
// it.
func (p *peer) read(stream grpc.ServerStream) error {
	err := p.greet(stream)
	if err == nil {
		err = receive(stream, 0, p.receive)
		reason := "frontend lost"
		if errors.Is(err, io.EOF) {
			reason = "frontend stopped"
		}
		for _, c := range p.sessions {
			// A frontend that leaves because this instance drains goes on with
			// its sessions elsewhere.
			p.dismiss(c, reason, !(errors.Is(err, io.EOF) && p.server.draining.Load()))
		}
		p.server.o.Log.Info("frontend unlinked", "frontend", p.frontend, "reason", reason, "sessions", len(p.sessions))
	}
	return err
}

func (p *peer) greet(stream grpc.ServerStream) error {
	hello, err := listen(stream)
	if err != nil {
		return status.Error(codes.InvalidArgument, err.Error())
	}
	if err := check(hello, p.server.o.Namespace); err != nil {
		return status.Error(codes.FailedPrecondition, err.Error())
	}
	p.frontend = hello.GetInstance()
	if err := say(p.out, p.server.hello); err != nil {
		return err
	}
	if p.server.draining.Load() {
		p.tellDrain()
	}
	p.server.o.Log.Info("frontend linked", "frontend", p.frontend, "epoch", hello.GetEpoch())
	return nil
}

func (p *peer) tellDrain() {
	_ = p.out.put(&frame{kind: hawospb.Frame_DRAIN}, true) // a stream that is down has nothing to drain
	p.out.flush(false)
}

// receive handles one frame. It runs on the reader alone.
func (p *peer) receive(f *frame, buf mem.Buffer) error {
	switch f.kind {
	case hawospb.Frame_REQUEST, hawospb.Frame_ONE_WAY:
		p.request(f, buf)
	case hawospb.Frame_SESSION:
		info, err := parseInfo(f.info, p.frontend)
		if err != nil {
			return fmt.Errorf("%w: session: %w", errMalformed, err)
		}
		p.introduce(f.session, info)
	case hawospb.Frame_SESSION_CLOSED:
		if c := p.sessions[f.session]; c != nil {
			delete(p.sessions, f.session)
			p.dismiss(c, f.reason, true)
		}
	case hawospb.Frame_HELLO:
		return fmt.Errorf("%w: a second hello", errMalformed)
	}
	return nil // kinds of a later version are none of ours
}

func (p *peer) introduce(number uint64, info *session.Session) {
	c := p.sessions[number]
	if c == nil {
		c = newClient(p.server, info)
		p.sessions[number] = c
	} else if !c.update(info) {
		return
	}
	p.event(c, &call{info: info})
}

// dismiss ends a session, of which the services with events hear if tell is set.
func (p *peer) dismiss(c *client, reason string, tell bool) {
	c.close()
	if tell {
		p.event(c, &call{info: c.session(), closed: true, reason: reason})
	}
}

// event queues an event behind the session's requests.
func (p *peer) event(c *client, k *call) {
	if !p.server.hello.GetEvents() {
		return
	}
	k.peer, k.client = p, c
	p.server.pending.Add(1)
	c.queue(k)
}

func (p *peer) refuse(call uint64, code codes.Code, text string, flags uint32) {
	p.answer(&frame{kind: hawospb.Frame_REPLY, call: call, code: uint32(code), err: text, flags: flags})
}

// answer sends a reply. What is owed to a link that is down is forgotten: the
// frontend has settled it.
func (p *peer) answer(f *frame) {
	if p.out.put(f, true) != nil {
		p.server.metrics.dropped.Inc()
	} else {
		p.out.flush(p.owed.Load() <= quiet)
	}
	if p.owed.Add(-1) == 0 {
		select {
		case p.idle <- struct{}{}:
		default:
		}
	}
}

// validText makes a text fit for protobuf.
func validText(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	return strings.ToValidUTF8(s, "\uFFFD")
}
