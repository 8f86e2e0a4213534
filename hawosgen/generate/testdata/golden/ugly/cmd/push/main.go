// Command push runs one instance of the push service.
package main

import (
	"context"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/directory/redis"
	"github.com/hawos/hawos/runtime/push/kafka"
	"github.com/hawos/hawos/runtime/push/nsq"
	"github.com/hawos/hawos/runtime/registry/etcd"

	pushv1 "github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/gen/push/v1"
	"github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/internal/push"
)

func main() {
	app.Main(pushv1.Proto_2ServiceApp, app.Drivers{
		Registry:  etcd.Open,
		Directory: redis.Open,
		Brokers:   app.Brokers{"kafka": kafka.Open, "nsq": nsq.Open},
	}, setup)
}

// setup makes the handlers and registers them.
func setup(ctx context.Context, a *app.App) error {
	proto_2Service, err := push.NewProto_2Service(ctx, a)
	if err != nil {
		return err
	}
	pushv1.RegisterProto_2Service(a, proto_2Service)
	return nil
}
