package frontend

import (
	"errors"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/jwt"
	"github.com/hawos/hawos/runtime/wire"
)

// loginAtUpgrade logs in with the token that came with the upgrade. The client
// hears the reply unasked; a token fault closes the session.
func (s *session) loginAtUpgrade(token string) {
	claims, err := s.f.keys.Verify(token)
	if err != nil {
		s.c.Close(wire.CloseToken, tokenFault(err))
		return
	}
	r := s.enter(claims)
	if r == nil {
		s.loggedIn(0, claims.Expires)
		return
	}
	// There is no request to refuse: the packet tells why, the close code what to do.
	s.f.metrics.refusedRequest(r.code)
	s.c.Send(&wire.Packet{ID: wire.IDLogin, Code: r.code, Error: r.text})
	if r.code == uint32(codes.AlreadyExists) {
		s.c.Close(wire.CloseReplaced, r.text)
		return
	}
	s.c.Close(wire.CloseDraining, r.text)
}

// loginPacket handles a Login packet.
func (s *session) loginPacket(p *wire.Packet) {
	var in hawospb.LoginRequest
	if err := s.c.Encoding().Unmarshal(p.Payload, &in); err != nil {
		s.refuse(p.ID, p.Seq, newRefusal(codes.InvalidArgument, "payload is no LoginRequest"))
		return
	}
	s.f.log.Debug("login", "session", s.id, "client", in.GetClient(), "schema", in.GetSchemaHash(), "protocol", in.GetProtocol())
	claims, err := s.f.keys.Verify(in.GetToken())
	uid := s.uid()
	switch {
	case err != nil:
		s.refuse(p.ID, p.Seq, newRefusal(codes.Unauthenticated, tokenFault(err)))
		if uid == "" {
			s.c.Close(wire.CloseToken, tokenFault(err))
		}
		return
	case uid != "" && uid != claims.UID:
		s.refuse(p.ID, p.Seq, newRefusal(codes.PermissionDenied, "logged in as another user"))
		return
	case uid == "":
		if r := s.enter(claims); r != nil {
			s.refuse(p.ID, p.Seq, *r)
			return
		}
	}
	s.loggedIn(p.Seq, claims.Expires)
}

func tokenFault(err error) string {
	if errors.Is(err, jwt.ErrExpired) {
		return "token has expired"
	}
	return "token is invalid"
}

// enter makes the session the uid's, here and in the directory, as the policy for
// duplicate logins says.
func (s *session) enter(claims jwt.Claims) *refusal {
	f := s.f
	f.sessions.login(claims.UID, s) // before the directory: who replaces us finds us
	if r := f.enterDirectory(claims.UID, s); r != nil {
		f.sessions.logout(s)
		s.login.Store(nil)
		return r
	}
	s.open()
	return nil
}

// expireAt sets when the session's token ends.
func (s *session) expireAt(t time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loginBy = time.Time{}
	s.expires = t
	s.wakeAt(t)
}

// loggedIn sends the LoginReply; pushes come after it. expires is the token's end.
func (s *session) loggedIn(seq uint32, expires time.Time) {
	s.expireAt(expires)
	ws := &s.f.ws
	s.queue(wire.IDLogin, seq, &hawospb.LoginReply{
		Uid:            s.uid(),
		SessionId:      s.id,
		ServerTimeMs:   time.Now().UnixMilli(),
		HeartbeatMs:    uint32((ws.IdleTimeout / 3).Milliseconds()),
		MaxPacketBytes: uint32(ws.MaxPacketBytes),
		MaxInFlight:    uint32(ws.MaxInFlight),
	})
	s.ready.Store(true) // before the client can know
	s.c.Flush()
}

// reply sends a message of hawos's own.
func (s *session) reply(id, seq uint32, m proto.Message) {
	s.queue(id, seq, m)
	s.c.Flush()
}

func (s *session) queue(id, seq uint32, m proto.Message) {
	payload, err := s.c.Encoding().Marshal(nil, m)
	if err != nil {
		s.refuse(id, seq, newRefusal(codes.Internal, "internal error"))
		return
	}
	s.c.Send(&wire.Packet{ID: id, Seq: seq, Payload: payload})
}
