package rooms

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/redis/go-redis/v9"

	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
)

// Members returns who is in the room, sorted by uid.
func (s *Store) Members(ctx context.Context, room string) ([]Member, error) {
	sessions, err := s.db.HGetAll(ctx, s.members(room)).Result()
	if err != nil {
		return nil, fmt.Errorf("members of room %q: %w", room, err)
	}
	members := make([]Member, 0, len(sessions))
	for uid, session := range sessions {
		members = append(members, Member{UID: uid, Session: session})
	}
	slices.SortFunc(members, func(a, b Member) int { return cmp.Compare(a.UID, b.UID) })
	return members, nil
}

// Check returns ErrNotMember where the member is not in the room.
func (s *Store) Check(ctx context.Context, room string, m Member) error {
	session, err := s.db.HGet(ctx, s.members(room), m.UID).Result()
	if err != nil && !errors.Is(err, redis.Nil) {
		return fmt.Errorf("member of room %q: %w", room, err)
	}
	if session != m.Session {
		return ErrNotMember
	}
	return nil
}

// List returns the at most n rooms with the most members, the fullest first.
func (s *Store) List(ctx context.Context, n int) ([]*chatv1.Room, error) {
	found, err := s.db.ZRevRangeWithScores(ctx, s.sizes(), 0, int64(n)-1).Result()
	if err != nil {
		return nil, fmt.Errorf("list rooms: %w", err)
	}
	rooms := make([]*chatv1.Room, len(found))
	for i, z := range found {
		name, _ := z.Member.(string)
		rooms[i] = &chatv1.Room{Name: name, Members: uint32(z.Score)}
	}
	return rooms, nil
}

// Count returns how many rooms have members.
func (s *Store) Count(ctx context.Context) (int, error) {
	n, err := s.db.ZCard(ctx, s.sizes()).Result()
	if err != nil {
		return 0, fmt.Errorf("count rooms: %w", err)
	}
	return int(n), nil
}
