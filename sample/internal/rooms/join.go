package rooms

import (
	"context"
	"fmt"
)

// Join puts the member into the room. It returns how many members the room has
// now, and whether the user was not among them before. It returns ErrFull or
// ErrTooMany where a limit forbids it; who is in the room already never meets
// one.
func (s *Store) Join(ctx context.Context, room string, m Member) (n int, isNew bool, err error) {
	keys := []string{s.members(room), s.joined(m.Session), s.sizes()}
	got, err := joinScript.Run(ctx, s.db, keys, m.UID, m.Session, room,
		s.limits.Members, s.limits.Rooms, int(forget.Seconds())).Result()
	if err != nil {
		return 0, false, fmt.Errorf("join room %q: %w", room, err)
	}
	switch got := got.(type) {
	case string:
		if got == "full" {
			return 0, false, ErrFull
		}
		return 0, false, ErrTooMany
	case []any:
		if len(got) == 2 {
			n, _ := got[0].(int64)
			return int(n), got[1] == int64(1), nil
		}
	}
	return 0, false, fmt.Errorf("join room %q: Redis answered %v", room, got)
}
