// Package chat handles the requests of the chat service: rooms and what is said
// in them, and messages from one user to another. What must outlive the process
// is in package rooms; what must reach clients goes through the queue.
package chat

import (
	"context"
	"log/slog"
	"sync/atomic"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/push"
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
	ids      ids
	words    words
	frontend hawospb.FrontendClient

	sessions sessions
	messages atomic.Uint64
}

var _ chatv1.ChatHandler = (*Service)(nil)

// ids gives messages their IDs.
type ids interface {
	Next(ctx context.Context) (uint64, error)
}

// words masks what nobody should read.
type words interface{ Mask(text string) string }

// New returns the handlers of one instance. It runs before the instance is
// known to others: open here what the handlers need, and close it by a.OnStop.
func New(ctx context.Context, a *app.App, c *Settings) (*Service, error) {
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
		frontend: hawospb.NewFrontendClient(frontend),
	}, nil
}
