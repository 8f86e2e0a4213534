package chat

import (
	"context"
	"errors"

	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
	"github.com/hawos/hawos/sample/internal/rooms"
)

// History returns the last messages of a room.
func (s *Service) History(ctx context.Context, in *chatv1.HistoryRequest) (*chatv1.HistoryReply, error) {
	m, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	if !isRoom(in.GetRoom()) {
		return nil, errBadRoom
	}
	if err := s.rooms.Check(ctx, in.GetRoom(), m); err != nil {
		if errors.Is(err, rooms.ErrNotMember) {
			return nil, chatv1.ErrNotAMember
		}
		return nil, unavailable(err)
	}
	messages, err := s.rooms.History(ctx, in.GetRoom())
	if err != nil {
		return nil, unavailable(err)
	}
	return &chatv1.HistoryReply{Messages: messages}, nil
}
