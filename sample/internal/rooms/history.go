package rooms

import (
	"context"
	"fmt"

	"google.golang.org/protobuf/proto"

	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
)

// Append adds a message to its room's history and drops the oldest above the
// limit. It returns ErrNotMember where the sender's session is not in the room.
func (s *Store) Append(ctx context.Context, session string, m *chatv1.Message) error {
	text, err := proto.Marshal(m)
	if err != nil {
		return fmt.Errorf("encode message: %w", err)
	}
	keys := []string{s.members(m.GetRoom()), s.history(m.GetRoom())}
	n, err := appendScript.Run(ctx, s.db, keys, m.GetUid(), session, text, s.limits.History).Int()
	if err != nil {
		return fmt.Errorf("append to room %q: %w", m.GetRoom(), err)
	}
	if n == 0 {
		return ErrNotMember
	}
	return nil
}

// History returns the last messages of a room, oldest first.
func (s *Store) History(ctx context.Context, room string) ([]*chatv1.Message, error) {
	texts, err := s.db.LRange(ctx, s.history(room), int64(-s.limits.History), -1).Result()
	if err != nil {
		return nil, fmt.Errorf("history of room %q: %w", room, err)
	}
	messages := make([]*chatv1.Message, len(texts))
	for i, text := range texts {
		messages[i] = new(chatv1.Message)
		if err := proto.Unmarshal([]byte(text), messages[i]); err != nil {
			return nil, fmt.Errorf("history of room %q: message %d: %w", room, i, err)
		}
	}
	return messages, nil
}
