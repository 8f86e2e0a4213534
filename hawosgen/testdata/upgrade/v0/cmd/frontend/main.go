// Command frontend runs one instance of the frontend, which holds the clients'
// websockets.
package main

import (
	"context"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/directory/redis"
	"github.com/hawos/hawos/runtime/frontend"
	"github.com/hawos/hawos/runtime/push/kafka"
	"github.com/hawos/hawos/runtime/push/nsq"
	"github.com/hawos/hawos/runtime/registry/etcd"

	"github.com/hawos/hawos/hawosgen/testdata/upgrade/v0/gen/routes"
)

func main() {
	app.Main("frontend", app.Drivers{
		Registry:  etcd.Open,
		Directory: redis.Open,
		Brokers:   app.Brokers{"kafka": kafka.Open, "nsq": nsq.Open},
	}, setup)
}

// setup makes the frontend, which knows the project's protocol IDs by the
// generated table and hears of instances from the registry.
func setup(ctx context.Context, a *app.App) error {
	f, err := frontend.New(ctx, a, routes.Table())
	if err != nil {
		return err
	}
	a.Serve(f)
	return nil
}
