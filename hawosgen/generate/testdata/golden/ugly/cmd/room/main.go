// Command room runs one instance of the room service.
package main

import (
	"context"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/directory/redis"
	"github.com/hawos/hawos/runtime/push/kafka"
	"github.com/hawos/hawos/runtime/push/nsq"
	"github.com/hawos/hawos/runtime/registry/etcd"

	roomv1 "github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/gen/room/v1"
	roomv2 "github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/gen/room/v2"
	"github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/internal/room"
)

func main() {
	app.Main(roomv1.RoomApp, app.Drivers{
		Registry:  etcd.Open,
		Directory: redis.Open,
		Brokers:   app.Brokers{"kafka": kafka.Open, "nsq": nsq.Open},
	}, setup)
}

// setup makes the handlers and registers them.
func setup(ctx context.Context, a *app.App) error {
	service, err := room.New(ctx, a)
	if err != nil {
		return err
	}
	roomv1.RegisterRoom(a, service)
	roomTestService, err := room.NewRoomTestService(ctx, a)
	if err != nil {
		return err
	}
	roomv1.RegisterRoomTest(a, roomTestService)
	roomService, err := room.NewRoomService(ctx, a)
	if err != nil {
		return err
	}
	roomv1.RegisterRoomService(a, roomService)
	roomV2Service, err := room.NewRoomV2Service(ctx, a)
	if err != nil {
		return err
	}
	roomv2.RegisterRoom(a, roomV2Service)
	return nil
}
