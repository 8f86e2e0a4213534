// Command feed runs one instance of the feed service.
package main

import (
	"context"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/directory/redis"
	"github.com/hawos/hawos/runtime/push/kafka"
	"github.com/hawos/hawos/runtime/push/nsq"
	"github.com/hawos/hawos/runtime/registry/etcd"

	feedv1 "github.com/hawos/hawos/hawosgen/generate/testdata/golden/plain/gen/feed/v1"
	"github.com/hawos/hawos/hawosgen/generate/testdata/golden/plain/internal/feed"
)

func main() {
	app.Main(feedv1.FeedApp, app.Drivers{
		Registry:  etcd.Open,
		Directory: redis.Open,
		Brokers:   app.Brokers{"kafka": kafka.Open, "nsq": nsq.Open},
	}, setup)
}

// setup makes the handlers and registers them.
func setup(ctx context.Context, a *app.App) error {
	service, err := feed.New(ctx, a)
	if err != nil {
		return err
	}
	feedv1.RegisterFeed(a, service)
	return nil
}
