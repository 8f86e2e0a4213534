// Command chat runs one instance of the chat service.
package main

import (
	"context"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/directory/redis"
	"github.com/hawos/hawos/runtime/push/kafka"
	"github.com/hawos/hawos/runtime/push/nsq"
	"github.com/hawos/hawos/runtime/registry/etcd"

	chatv1 "github.com/hawos/hawos/hawosgen/generate/testdata/golden/chat/gen/chat/v1"
	"github.com/hawos/hawos/hawosgen/generate/testdata/golden/chat/internal/chat"
)

func main() {
	app.Main(chatv1.ChatApp, app.Drivers{
		Registry:  etcd.Open,
		Directory: redis.Open,
		Brokers:   app.Brokers{"kafka": kafka.Open, "nsq": nsq.Open},
	}, setup)
}

// setup makes the handlers and registers them.
func setup(ctx context.Context, a *app.App) error {
	service, err := chat.New(ctx, a)
	if err != nil {
		return err
	}
	chatv1.RegisterChat(a, service)
	roomsService, err := chat.NewRoomsService(ctx, a)
	if err != nil {
		return err
	}
	chatv1.RegisterRooms(a, roomsService)
	return nil
}
