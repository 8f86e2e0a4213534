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

// RoomTestService implements roomv1.RoomTestHandler.
type RoomTestService struct {
	push push.Sender // what the generated PushX functions take
	log  *slog.Logger
}

var _ roomv1.RoomTestHandler = (*RoomTestService)(nil)

// NewRoomTestService returns the handlers of one instance. It runs before
// others know the instance: open here what the handlers need, and close it by
// a.OnStop.
func NewRoomTestService(_ context.Context, a *app.App) (*RoomTestService, error) {
	return &RoomTestService{push: a.Push(), log: a.Log()}, nil
}

// Get answers room.v1.RoomTest.Get.
func (s *RoomTestService) Get(ctx context.Context, in *roomv1.M) (*roomv1.M, error) {
	return nil, errcode.NotWritten("room.v1.RoomTest.Get")
}
