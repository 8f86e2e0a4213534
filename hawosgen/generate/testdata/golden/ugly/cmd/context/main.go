// Command context runs one instance of the context service.
package main

import (
	"context"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/directory/redis"
	"github.com/hawos/hawos/runtime/push/kafka"
	"github.com/hawos/hawos/runtime/push/nsq"
	"github.com/hawos/hawos/runtime/registry/etcd"

	contextv1 "github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/gen/context/v1"
	contextpb "github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/internal/context"
)

func main() {
	app.Main(contextv1.ContextApp, app.Drivers{
		Registry:  etcd.Open,
		Directory: redis.Open,
		Brokers:   app.Brokers{"kafka": kafka.Open, "nsq": nsq.Open},
	}, setup)
}

// setup makes the handlers and registers them.
func setup(ctx context.Context, a *app.App) error {
	service, err := contextpb.New(ctx, a)
	if err != nil {
		return err
	}
	contextv1.RegisterContext(a, service)
	return nil
}
