// Package chat handles the requests of the chat service: rooms and what is said
// in them, and messages from one user to another. What must outlive the process
// is in package rooms; what must reach clients goes through the queue.
package chat

import (
	"context"
	"log/slog"
	"sync/atomic"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/db/redis"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/sensitive"
	"github.com/hawos/hawos/runtime/uuid"
	ids "github.com/hawos/hawos/runtime/uuid/redis"
	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
	"github.com/hawos/hawos/sample/internal/rooms"
)

// maxHistory is how many messages of a room History returns.
const maxHistory = 50

// Service implements chatv1.ChatHandler.
type Service struct {
	instance string
	push     push.Sender
	log      *slog.Logger
	rooms    *rooms.Store
	ids      *uuid.Sequence
	words    *sensitive.Filter
	frontend hawospb.FrontendClient

	sessions sessions
	messages atomic.Uint64
}

var _ chatv1.ChatHandler = (*Service)(nil)

// New returns the handlers of one instance. It runs before the instance is
// known to others: open here what the handlers need, and close it by a.OnStop.
func New(ctx context.Context, a *app.App, c *Settings) (*Service, error) {
	words := new(sensitive.Filter)
	if c.Chat.Words != "" {
		var err error
		if words, err = sensitive.Load(c.Chat.Words); err != nil {
			return nil, err
		}
	}
	db, err := redis.Open(ctx, c.Redis, a.Log())
	if err != nil {
		return nil, err
	}
	a.OnStop(func(context.Context) error { return db.Close() })
	frontend, err := a.Dial("frontend")
	if err != nil {
		return nil, err
	}
	return &Service{
		instance: a.Instance(), push: a.Push(), log: a.Log(),
		rooms: rooms.New(db, c.Namespace, rooms.Limits{
			Members: c.Chat.RoomMembers, Rooms: c.Chat.SessionRooms, History: maxHistory,
		}),
		ids:      uuid.New(ids.New(db, c.Namespace, "message"), 0),
		words:    words,
		frontend: hawospb.NewFrontendClient(frontend),
	}, nil
}
