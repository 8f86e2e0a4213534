package chat

import (
	"context"
	"slices"

	"github.com/hawos/hawos/runtime/hawospb"
	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
	"github.com/hawos/hawos/sample/internal/rooms"
)

// Members lists who is in a room. It also takes out who is there and not online:
// users whose session ended while no instance of chat was alive to hear of it.
func (s *Service) Members(ctx context.Context, in *chatv1.MembersRequest) (*chatv1.MembersReply, error) {
	m, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	if !isRoom(in.GetRoom()) {
		return nil, errBadRoom
	}
	members, err := s.rooms.Members(ctx, in.GetRoom())
	if err != nil {
		return nil, unavailable(err)
	}
	if !slices.Contains(members, m) {
		return nil, chatv1.ErrNotAMember
	}
	reply := &chatv1.MembersReply{}
	for _, m := range s.dropGone(ctx, in.GetRoom(), members) {
		reply.Uids = append(reply.Uids, m.UID)
	}
	return reply, nil
}

// dropGone takes those members out of the room that are not online, and returns
// the rest: all of them where nobody can tell.
func (s *Service) dropGone(ctx context.Context, room string, members []rooms.Member) []rooms.Member {
	uids := make([]string, len(members))
	for i, m := range members {
		uids[i] = m.UID
	}
	online, err := s.online(ctx, uids...)
	if err != nil {
		s.log.WarnContext(ctx, "members not checked", "room", room, "error", err)
		return members
	}
	return slices.DeleteFunc(members, func(m rooms.Member) bool {
		if online[m.UID] {
			return false
		}
		was, err := s.rooms.Leave(ctx, room, m)
		s.notice(ctx, err)
		if was {
			s.sayLeft(ctx, room, m)
		}
		return err == nil
	})
}

// online asks the frontends which of the uids are logged in.
func (s *Service) online(ctx context.Context, uids ...string) (map[string]bool, error) {
	reply, err := s.frontend.Online(ctx, &hawospb.OnlineRequest{Uids: uids})
	if err != nil {
		return nil, err
	}
	online := make(map[string]bool, len(uids))
	for _, o := range reply.GetSessions() {
		online[o.GetUid()] = true
	}
	return online, nil
}
