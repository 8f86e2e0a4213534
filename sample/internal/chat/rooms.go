package chat

import (
	"context"

	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
)

// maxRooms is how many rooms Rooms lists.
const maxRooms = 50

// Rooms lists the rooms with the most members.
func (s *Service) Rooms(ctx context.Context, _ *chatv1.RoomsRequest) (*chatv1.RoomsReply, error) {
	found, err := s.rooms.List(ctx, maxRooms)
	if err != nil {
		return nil, unavailable(err)
	}
	return &chatv1.RoomsReply{Rooms: found}, nil
}

// Stats tells what this instance has done. Other services call it.
func (s *Service) Stats(ctx context.Context, _ *chatv1.StatsRequest) (*chatv1.StatsReply, error) {
	n, err := s.rooms.Count(ctx)
	if err != nil {
		return nil, unavailable(err)
	}
	return &chatv1.StatsReply{
		Instance: s.instance,
		Sessions: uint32(s.sessions.count()),
		Messages: s.messages.Load(),
		Rooms:    uint32(n),
	}, nil
}
