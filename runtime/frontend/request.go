package frontend

import (
	"time"

	"google.golang.org/grpc/codes"

	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/wire"
)

// traceBytes is the length of a W3C trace context in its binary form. Others are
// not passed on.
const traceBytes = 25

// packet handles one message of the client, on the reader.
func (s *session) packet(message []byte) {
	var p wire.Packet
	if err := s.c.Encoding().UnmarshalPacket(message, &p); err != nil || p.ID == 0 {
		s.c.Close(wire.CloseMalformed, "malformed packet")
		return
	}
	switch {
	case p.Flags&wire.FlagCompression != 0:
		s.refuse(p.ID, p.Seq, newRefusal(codes.InvalidArgument, "unknown compression"))
	case p.ID < wire.FirstID:
		s.reserved(&p)
	default:
		s.request(&p)
	}
}

// request forwards p, or refuses it.
func (s *session) request(p *wire.Packet) {
	r, known := s.f.selector.Table().Lookup(p.ID)
	if !known {
		s.refuse(p.ID, p.Seq, newRefusal(codes.Unimplemented, "unknown protocol ID"))
		return
	}
	if !r.Options.LoginOptional && !s.ready.Load() {
		s.refuse(p.ID, p.Seq, newRefusal(codes.Unauthenticated, "not logged in"))
		return
	}
	now := time.Now()
	if wait := s.limit(p.ID, r.Options.Rate, now); wait > 0 {
		s.refuse(p.ID, p.Seq, newRefusal(codes.ResourceExhausted, "too many requests").retry(wait))
		return
	}
	timeout := r.Options.TimeoutOrDefault()
	if asked := time.Duration(p.TimeoutMS) * time.Millisecond; asked > 0 {
		timeout = min(timeout, asked)
	}
	tag, refused := s.begins(p.ID, p.Seq, now, timeout)
	if refused != nil {
		s.refuse(p.ID, p.Seq, *refused)
		return
	}
	if len(p.Trace) != traceBytes {
		p.Trace = nil
	}
	if s.link == nil {
		s.open()
	}
	s.f.pool.Send(s.link, link.Request{
		ID: p.ID, Payload: p.Payload, Timeout: timeout, Trace: p.Trace, Encoding: s.c.Encoding(), OneWay: p.Seq == 0, Tag: tag,
	})
	s.waitForRoom()
}
