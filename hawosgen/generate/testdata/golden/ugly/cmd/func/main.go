// Command func runs one instance of the func service.
package main

import (
	"context"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/directory/redis"
	"github.com/hawos/hawos/runtime/push/kafka"
	"github.com/hawos/hawos/runtime/push/nsq"
	"github.com/hawos/hawos/runtime/registry/etcd"

	"github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/gen/time"
	funcapp "github.com/hawos/hawos/hawosgen/generate/testdata/golden/ugly/internal/func"
)

func main() {
	app.Main(time.TimeOutApp, app.Drivers{
		Registry:  etcd.Open,
		Directory: redis.Open,
		Brokers:   app.Brokers{"kafka": kafka.Open, "nsq": nsq.Open},
	}, setup)
}

// setup makes the handlers and registers them.
func setup(ctx context.Context, a *app.App) error {
	timeOutService, err := funcapp.NewTimeOutService(ctx, a)
	if err != nil {
		return err
	}
	time.RegisterTimeOut(a, timeOutService)
	return nil
}
