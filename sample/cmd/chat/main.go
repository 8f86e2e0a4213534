// Command chat runs one instance of the chat service.
package main

import (
	"context"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/directory/redis"
	"github.com/hawos/hawos/runtime/push/kafka"
	"github.com/hawos/hawos/runtime/push/nsq"
	"github.com/hawos/hawos/runtime/registry/etcd"
	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
	"github.com/hawos/hawos/sample/internal/chat"
)

func main() {
	var s chat.Settings
	app.MainWith(chatv1.ChatApp, &s, app.Drivers{
		Registry:  etcd.Open,
		Directory: redis.Open,
		Brokers:   app.Brokers{"kafka": kafka.Open, "nsq": nsq.Open},
	}, func(ctx context.Context, a *app.App) error { return setup(ctx, a, &s) })
}

// setup makes the handlers and registers them.
func setup(ctx context.Context, a *app.App, s *chat.Settings) error {
	h, err := chat.New(ctx, a, s)
	if err != nil {
		return err
	}
	chatv1.RegisterChat(a, h)
	return nil
}
