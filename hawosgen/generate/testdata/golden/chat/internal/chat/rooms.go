// Package chat handles the requests of the chat service.
package chat

import (
	"context"
	"log/slog"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/push"

	chatv1 "github.com/hawos/hawos/hawosgen/generate/testdata/golden/chat/gen/chat/v1"
)

// RoomsService implements chatv1.RoomsHandler.
type RoomsService struct {
	push push.Sender // what the generated PushX functions take
	log  *slog.Logger
}

var _ chatv1.RoomsHandler = (*RoomsService)(nil)

// NewRoomsService returns the handlers of one instance. It runs before
// others know the instance: open here what the handlers need, and close it by
// a.OnStop.
func NewRoomsService(_ context.Context, a *app.App) (*RoomsService, error) {
	return &RoomsService{push: a.Push(), log: a.Log()}, nil
}

// List answers chat.v1.Rooms.List.
func (s *RoomsService) List(ctx context.Context, in *chatv1.ListRequest) (*chatv1.ListReply, error) {
	return nil, errcode.NotWritten("chat.v1.Rooms.List")
}
