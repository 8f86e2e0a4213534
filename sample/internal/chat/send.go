package chat

import (
	"context"
	"errors"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/hawos/hawos/runtime/push"
	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
	"github.com/hawos/hawos/sample/internal/rooms"
)

// maxText is how many characters a message may have.
const maxText = 1000

// Send posts a message to a room: first into the history, then to the members.
// Where the push fails the sender gets an error, though the history has the
// message already; nothing that was answered OK is missing in either.
func (s *Service) Send(ctx context.Context, in *chatv1.SendRequest) (*chatv1.SendReply, error) {
	m, err := caller(ctx)
	if err != nil {
		return nil, err
	}
	if !isRoom(in.GetRoom()) {
		return nil, errBadRoom
	}
	msg, err := s.message(ctx, m.UID, in.GetText(), in.GetNonce())
	if err != nil {
		return nil, err
	}
	msg.Room = in.GetRoom()
	if err := s.rooms.Append(ctx, m.Session, msg); err != nil {
		if errors.Is(err, rooms.ErrNotMember) {
			return nil, chatv1.ErrNotAMember
		}
		return nil, unavailable(err)
	}
	if err := chatv1.PushPosted(ctx, s.push, push.Group(group(in.GetRoom())), &chatv1.Posted{Message: msg}); err != nil {
		return nil, unavailable(err)
	}
	s.messages.Add(1)
	return &chatv1.SendReply{Message: msg}, nil
}

// message returns what uid wrote, checked, filtered and numbered.
func (s *Service) message(ctx context.Context, uid, text string, nonce uint64) (*chatv1.Message, error) {
	text = strings.TrimSpace(text)
	switch {
	case text == "":
		return nil, chatv1.ErrTextEmpty
	case utf8.RuneCountInString(text) > maxText:
		return nil, chatv1.ErrTextTooLong
	}
	id, err := s.ids.Next(ctx)
	if err != nil {
		return nil, unavailable(err)
	}
	return &chatv1.Message{
		Id: id, Uid: uid, Text: s.words.Replace(text, '*'), SentMs: time.Now().UnixMilli(), Nonce: nonce,
	}, nil
}
