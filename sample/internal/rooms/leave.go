package rooms

import (
	"context"
	"fmt"
)

// Leave takes the member out of the room and reports whether it was there.
// Nothing happens where the user is there with another session.
func (s *Store) Leave(ctx context.Context, room string, m Member) (bool, error) {
	keys := []string{s.members(room), s.joined(m.Session), s.sizes()}
	n, err := leaveScript.Run(ctx, s.db, keys, m.UID, m.Session, room).Int()
	if err != nil {
		return false, fmt.Errorf("leave room %q: %w", room, err)
	}
	return n == 1, nil
}

// Close takes the member out of all rooms that its session is in, and returns
// those it was taken out of. It may be called again, also by several processes
// at once: each room is returned to one caller.
func (s *Store) Close(ctx context.Context, m Member) ([]string, error) {
	joined, err := s.db.SMembers(ctx, s.joined(m.Session)).Result()
	if err != nil {
		return nil, fmt.Errorf("rooms of session %q: %w", m.Session, err)
	}
	var left []string
	for _, room := range joined {
		was, err := s.Leave(ctx, room, m)
		if err != nil {
			return left, err
		}
		if was {
			left = append(left, room)
		}
	}
	return left, nil
}
