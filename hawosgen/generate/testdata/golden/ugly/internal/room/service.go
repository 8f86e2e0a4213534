// Package room handles the requests of the room service.
package room

import (
	"context"
	"log/slog"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/push"

	roomv1 "github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/gen/room/v1"
)

// Service implements roomv1.RoomHandler.
type Service struct {
	push push.Sender // what the generated PushX functions take
	log  *slog.Logger
}

var _ roomv1.RoomHandler = (*Service)(nil)

// New returns the handlers of one instance. It runs before
// others know the instance: open here what the handlers need, and close it by
// a.OnStop.
func New(_ context.Context, a *app.App) (*Service, error) {
	return &Service{push: a.Push(), log: a.Log()}, nil
}

// Get answers room.v1.Room.Get.
func (s *Service) Get(ctx context.Context, in *roomv1.M) (*roomv1.M, error) {
	return nil, errcode.NotWritten("room.v1.Room.Get")
}
