// Package rooms keeps in Redis who is in which room and what was said there
// last, so that all instances of chat see the same and a restart loses nothing.
// A user is in a room with one session, the last that joined; what an earlier
// session of the user does or how it ends is then without effect on the room.
//
// Start from New and Store.
package rooms

import (
	"errors"
	"time"

	"github.com/redis/go-redis/v9"
)

// Limits bound what a Store keeps.
type Limits struct {
	Members int // of a room
	Rooms   int // of a session
	History int // messages of a room
}

// Errors of Store that a caller branches on.
var (
	ErrFull      = errors.New("room is full")
	ErrTooMany   = errors.New("session is in too many rooms")
	ErrNotMember = errors.New("session is not in the room")
)

// Member is a user in a room, and the session with which the user is there.
type Member struct {
	UID     string
	Session string
}

// forget is after what time Redis drops what it knows of a session that nobody
// closed; a session that joins rooms stays known.
const forget = 7 * 24 * time.Hour

// Store keeps the rooms of a namespace. Its methods may be called concurrently,
// by any number of processes; each is one step that happens as a whole or not at
// all, except Close.
type Store struct {
	db     redis.UniversalClient
	prefix string
	limits Limits
}

// New returns the rooms of the namespace in db, which stays the caller's to
// close. Every limit must be ≥ 1.
func New(db redis.UniversalClient, namespace string, limits Limits) *Store {
	return &Store{db: db, prefix: "hawos:" + namespace + ":chat:", limits: limits}
}

// members is the hash uid → session of a room.
func (s *Store) members(room string) string { return s.prefix + "members:" + room }

// history is the list of a room's last messages, oldest first.
func (s *Store) history(room string) string { return s.prefix + "history:" + room }

// joined is the set of rooms that a session is in.
func (s *Store) joined(session string) string { return s.prefix + "joined:" + session }

// sizes is the sorted set room → number of members, without empty rooms.
func (s *Store) sizes() string { return s.prefix + "rooms" }
