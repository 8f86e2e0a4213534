// Package chat handles the requests of the chat service.
package chat

import (
	"context"
	"log/slog"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/session"

	chatv1 "github.com/hawos/hawos/hawosgen/generate/testdata/golden/chat/gen/chat/v1"
)

// Service implements chatv1.ChatHandler.
type Service struct {
	push push.Sender // what the generated PushX functions take
	log  *slog.Logger
}

var _ chatv1.ChatHandler = (*Service)(nil)

// New returns the handlers of one instance. It runs before
// others know the instance: open here what the handlers need, and close it by
// a.OnStop.
func New(_ context.Context, a *app.App) (*Service, error) {
	return &Service{push: a.Push(), log: a.Log()}, nil
}

// Join enters a room. Joining again changes nothing.
func (s *Service) Join(ctx context.Context, in *chatv1.JoinRequest) (*chatv1.JoinReply, error) {
	return nil, errcode.NotWritten("chat.v1.Chat.Join")
}

// Send posts a message to a room.
func (s *Service) Send(ctx context.Context, in *chatv1.SendRequest) (*chatv1.SendReply, error) {
	return nil, errcode.NotWritten("chat.v1.Chat.Send")
}

// Seat answers chat.v1.Chat.Seat.
func (s *Service) Seat(ctx context.Context, in *chatv1.SeatRequest) (*chatv1.JoinReply, error) {
	return nil, errcode.NotWritten("chat.v1.Chat.Seat")
}

// Stats is for other services only.
func (s *Service) Stats(ctx context.Context, in *chatv1.StatsRequest) (*chatv1.StatsReply, error) {
	return nil, errcode.NotWritten("chat.v1.Chat.Stats")
}

// SessionOpened hears, at least once, of each session that opens.
func (s *Service) SessionOpened(ctx context.Context, client session.Session) {}

// SessionClosed hears, at least once, of each session that closes.
func (s *Service) SessionClosed(ctx context.Context, client session.Session, reason string) {}
