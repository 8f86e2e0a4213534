package chat

import (
	"context"
	"sync"

	"github.com/hawos/hawos/runtime/session"
	"github.com/hawos/hawos/sample/internal/rooms"
)

// SessionOpened counts the session.
func (s *Service) SessionOpened(_ context.Context, o session.Session) { s.sessions.add(o.ID) }

// SessionClosed takes the user out of the rooms that the session was in, and
// tells those who are still there. Every instance hears of every session; Redis
// lets one of them take the user out.
func (s *Service) SessionClosed(ctx context.Context, c session.Session, _ string) {
	s.sessions.remove(c.ID)
	if c.UID == "" {
		return
	}
	m := rooms.Member{UID: c.UID, Session: c.ID}
	left, err := s.rooms.Close(ctx, m)
	if err != nil {
		// Members finds what stays behind.
		s.log.WarnContext(ctx, "rooms of a closed session", "uid", c.UID, "error", err)
	}
	for _, room := range left {
		s.sayLeft(ctx, room, m)
	}
}

// sessions are the IDs of the open sessions. A set, since events come at least
// once.
type sessions struct {
	mu   sync.Mutex
	open map[string]struct{}
}

func (o *sessions) add(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.open == nil {
		o.open = make(map[string]struct{})
	}
	o.open[id] = struct{}{}
}

func (o *sessions) remove(id string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.open, id)
}

func (o *sessions) count() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return len(o.open)
}
