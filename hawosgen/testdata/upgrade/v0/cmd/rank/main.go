// Command rank runs one instance of the rank service.
package main

import (
	"context"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/directory/redis"
	"github.com/hawos/hawos/runtime/push/kafka"
	"github.com/hawos/hawos/runtime/push/nsq"
	"github.com/hawos/hawos/runtime/registry/etcd"

	rankv1 "github.com/hawos/hawos/hawosgen/testdata/upgrade/v0/gen/rank/v1"
	"github.com/hawos/hawos/hawosgen/testdata/upgrade/v0/internal/rank"
)

func main() {
	app.Main(rankv1.RankApp, app.Drivers{
		Registry:  etcd.Open,
		Directory: redis.Open,
		Brokers:   app.Brokers{"kafka": kafka.Open, "nsq": nsq.Open},
	}, setup)
}

// setup makes the handlers and registers them.
func setup(ctx context.Context, a *app.App) error {
	service, err := rank.New(ctx, a)
	if err != nil {
		return err
	}
	rankv1.RegisterRank(a, service)
	return nil
}
