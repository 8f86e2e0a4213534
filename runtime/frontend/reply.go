package frontend

import (
	"bytes"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/hawos/hawos/runtime/link"
	sess "github.com/hawos/hawos/runtime/session"
	"github.com/hawos/hawos/runtime/wire"
)

// LinkReply implements link.Receiver: it carries out what the reply says of
// groups and sends it to the client. A reply that comes after its request's time
// was up changes groups all the same, for the service counts on it.
func (s *session) LinkReply(r *link.Reply) {
	p := wire.Packet{
		ID: r.ID, Code: r.Code, Payload: r.Payload, Error: r.Error, Flags: r.Flags & wire.FlagRetryable, RetryAfterMS: r.RetryAfterMS,
	}
	if unwritten := s.change(r.Groups); len(unwritten) > 0 {
		s.answerOnceWritten(r.Tag, p, unwritten)
		return
	}
	s.answer(r.Tag, &p)
}

// answer settles the request and queues its reply, unless it was one-way or is
// answered already.
func (s *session) answer(tag uint64, p *wire.Packet) {
	c, ok := s.settles(tag)
	if !ok {
		return
	}
	s.f.metrics.latency.Observe(time.Since(c.begun).Seconds())
	if p.Seq = c.seq; p.Seq != 0 {
		s.c.Send(p)
	}
	s.answered()
}

// flushAnswers writes what LinkReply queued: a batch of replies leaves in one
// system call per session.
func (f *Frontend) flushAnswers(of []link.Receiver) {
	if len(of) == 1 {
		of[0].(*session).c.Flush()
		return
	}
	pooled := lists.Get().(*[]*session)
	list := (*pooled)[:0]
	for _, r := range of {
		list = append(list, r.(*session))
	}
	f.flusher.flush(list)
	clear(list)
	*pooled = list[:0]
	lists.Put(pooled)
}

// change makes the session join and leave groups and returns those that the
// directory does not know to be here yet.
func (s *session) change(changes []sess.Change) (unwritten []string) {
	x := s.f.groups
	for _, ch := range changes {
		if ch.Leave {
			if _, last := x.Leave(&s.groups, ch.Group); last {
				s.f.keeper.Changed(strings.Clone(ch.Group))
			}
			continue
		}
		name := strings.Clone(ch.Group)
		x.Join(s, &s.groups, name)
		if !s.f.keeper.Knows(name) {
			unwritten = append(unwritten, name)
		}
	}
	return unwritten
}

// answerOnceWritten sends the reply when the directory knows of the groups, so
// that a client that was told that it is a member gets the next push; until then
// the request is in flight. p's bytes are the link's and are copied.
func (s *session) answerOnceWritten(tag uint64, p wire.Packet, groups []string) {
	p.Payload, p.Error = bytes.Clone(p.Payload), strings.Clone(p.Error)
	s.f.keeper.Ensure(groups, func(err error) {
		if err != nil {
			p = wire.Packet{ID: p.ID, Code: uint32(codes.Unavailable), Flags: wire.FlagRetryable, Error: "group membership could not be recorded"}
		}
		s.answer(tag, &p)
		s.c.Flush()
	})
}
