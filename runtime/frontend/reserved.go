package frontend

import (
	"time"

	"google.golang.org/grpc/codes"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/wire"
)

// reserved handles the protocol IDs below wire.FirstID.
func (s *session) reserved(p *wire.Packet) {
	switch p.ID {
	case wire.IDLogin:
		s.loginPacket(p)
	case wire.IDPing:
		s.ping(p)
	case wire.IDAck: // means nothing in version 1
		if p.Seq != 0 {
			s.send(&wire.Packet{ID: p.ID, Seq: p.Seq})
		}
	default:
		s.refuse(p.ID, p.Seq, newRefusal(codes.Unimplemented, "unknown protocol ID"))
	}
}

// ping answers with the server's time, for clients that cannot send websocket
// pings. Any packet keeps the session from being idle.
func (s *session) ping(p *wire.Packet) {
	var in hawospb.PingRequest
	if err := s.c.Encoding().Unmarshal(p.Payload, &in); err != nil {
		s.refuse(p.ID, p.Seq, newRefusal(codes.InvalidArgument, "payload is no PingRequest"))
		return
	}
	if p.Seq == 0 {
		return
	}
	s.reply(p.ID, p.Seq, &hawospb.PingReply{ClientTimeMs: in.GetClientTimeMs(), ServerTimeMs: time.Now().UnixMilli()})
}
