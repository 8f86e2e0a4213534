package chat

import (
	"context"

	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/session"
	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
	"github.com/hawos/hawos/sample/internal/rooms"
)

// Leave goes out of a room.
func (s *Service) Leave(ctx context.Context, in *chatv1.LeaveRequest) (*chatv1.LeaveReply, error) {
	m, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	if !isRoom(in.GetRoom()) {
		return nil, errBadRoom
	}
	was, err := s.rooms.Leave(ctx, in.GetRoom(), m)
	if err != nil {
		return nil, unavailable(err)
	}
	if err := session.Leave(ctx, group(in.GetRoom())); err != nil {
		return nil, err
	}
	if was {
		s.sayLeft(ctx, in.GetRoom(), m)
	}
	return &chatv1.LeaveReply{}, nil
}

// sayLeft tells the others in the room that the member is gone.
func (s *Service) sayLeft(ctx context.Context, room string, m rooms.Member) {
	s.notice(ctx, chatv1.PushLeft(ctx, s.push, push.Group(group(room)).Except(m.UID),
		&chatv1.Left{Room: room, Uid: m.UID}))
}
