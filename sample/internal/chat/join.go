package chat

import (
	"context"
	"errors"

	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/session"
	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
	"github.com/hawos/hawos/sample/internal/rooms"
)

// Join enters a room. The client's session becomes a member of the room's group
// before the reply reaches the client.
func (s *Service) Join(ctx context.Context, in *chatv1.JoinRequest) (*chatv1.JoinReply, error) {
	m, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	if !isRoom(in.GetRoom()) {
		return nil, errBadRoom
	}
	n, isNew, err := s.rooms.Join(ctx, in.GetRoom(), m)
	if errors.Is(err, rooms.ErrFull) && s.makeRoom(ctx, in.GetRoom()) {
		n, isNew, err = s.rooms.Join(ctx, in.GetRoom(), m)
	}
	switch {
	case errors.Is(err, rooms.ErrFull):
		return nil, chatv1.ErrRoomFull
	case errors.Is(err, rooms.ErrTooMany):
		return nil, chatv1.ErrTooManyRooms
	case err != nil:
		return nil, unavailable(err)
	}
	if err := session.Join(ctx, group(in.GetRoom())); err != nil {
		return nil, err
	}
	if isNew {
		s.notice(ctx, chatv1.PushJoined(ctx, s.push, push.Group(group(in.GetRoom())).Except(m.UID),
			&chatv1.Joined{Room: in.GetRoom(), Uid: m.UID}))
	}
	return &chatv1.JoinReply{Members: uint32(n)}, nil
}

// makeRoom takes those out of a full room that are gone, and reports whether
// there were any.
func (s *Service) makeRoom(ctx context.Context, room string) bool {
	members, err := s.rooms.Members(ctx, room)
	if err != nil {
		return false
	}
	before := len(members)
	return len(s.dropGone(ctx, room, members)) < before
}

// notice logs the error of a push that is worth no failed request.
func (s *Service) notice(ctx context.Context, err error) {
	if err != nil {
		s.log.WarnContext(ctx, "notice not pushed", "error", err)
	}
}
