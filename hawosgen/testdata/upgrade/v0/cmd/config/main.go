// Command config runs one instance of the HTTP API: logins, server info, and what
// operators need.
package main

import (
	"context"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/httpapi"
	"github.com/hawos/hawos/runtime/registry/etcd"

	"github.com/hawos/hawos/hawosgen/testdata/upgrade/v0/internal/config"
)

func main() {
	app.Main("config", app.Drivers{Registry: etcd.Open}, setup)
}

// setup makes the API and serves it.
func setup(ctx context.Context, a *app.App) error {
	s, err := config.New(ctx, a)
	if err != nil {
		return err
	}
	a.Serve(httpapi.New(a.Config().HTTP, s.Handler(), a.Log()))
	return nil
}
