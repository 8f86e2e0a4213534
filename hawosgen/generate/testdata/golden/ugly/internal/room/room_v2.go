// Package room handles the requests of the room service.
package room

import (
	"context"
	"log/slog"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/push"

	roomv1 "github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/gen/room/v1"
	roomv2 "github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/gen/room/v2"
)

// RoomV2Service implements roomv2.RoomHandler.
type RoomV2Service struct {
	push push.Sender // what the generated PushX functions take
	log  *slog.Logger
}

var _ roomv2.RoomHandler = (*RoomV2Service)(nil)

// NewRoomV2Service returns the handlers of one instance. It runs before
// others know the instance: open here what the handlers need, and close it by
// a.OnStop.
func NewRoomV2Service(_ context.Context, a *app.App) (*RoomV2Service, error) {
	return &RoomV2Service{push: a.Push(), log: a.Log()}, nil
}

// Get answers room.v2.Room.Get.
func (s *RoomV2Service) Get(ctx context.Context, in *roomv1.M) (*roomv2.M, error) {
	return nil, errcode.NotWritten("room.v2.Room.Get")
}
