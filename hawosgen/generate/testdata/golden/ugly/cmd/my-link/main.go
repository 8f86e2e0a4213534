// Command my-link runs one instance of the my-link service.
package main

import (
	"context"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/directory/redis"
	"github.com/hawos/hawos/runtime/push/kafka"
	"github.com/hawos/hawos/runtime/push/nsq"
	"github.com/hawos/hawos/runtime/registry/etcd"

	linkv1 "github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/gen/link/v1"
	mylink "github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/internal/my-link"
)

func main() {
	app.Main(linkv1.LinkApp_, app.Drivers{
		Registry:  etcd.Open,
		Directory: redis.Open,
		Brokers:   app.Brokers{"kafka": kafka.Open, "nsq": nsq.Open},
	}, setup)
}

// setup makes the handlers and registers them.
func setup(ctx context.Context, a *app.App) error {
	linkService, err := mylink.NewLinkService(ctx, a)
	if err != nil {
		return err
	}
	linkv1.RegisterLink_(a, linkService)
	return nil
}
