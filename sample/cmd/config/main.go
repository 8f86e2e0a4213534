// Command config runs one instance of the HTTP API: login, server info, what
// operators need, and the chat page.
package main

import (
	"context"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/httpapi"
	"github.com/hawos/hawos/runtime/registry/etcd"
	"github.com/hawos/hawos/sample/internal/config"
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
