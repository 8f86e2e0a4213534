package chat

import (
	"context"

	"github.com/hawos/hawos/runtime/push"
	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
)

// Private sends a message to one user.
func (s *Service) Private(ctx context.Context, in *chatv1.PrivateRequest) (*chatv1.PrivateReply, error) {
	m, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	msg, err := s.message(ctx, m.UID, in.GetText(), in.GetNonce())
	if err != nil {
		return nil, err
	}
	online, err := s.online(ctx, in.GetUid())
	if err != nil {
		return nil, unavailable(err)
	}
	if !online[in.GetUid()] {
		return nil, chatv1.ErrUserOffline
	}
	if err := chatv1.PushPrivatePosted(ctx, s.push, push.UIDs(in.GetUid()), &chatv1.PrivatePosted{Message: msg}); err != nil {
		return nil, unavailable(err)
	}
	s.messages.Add(1)
	return &chatv1.PrivateReply{Message: msg}, nil
}
