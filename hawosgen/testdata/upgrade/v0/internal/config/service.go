// Package config is the project's HTTP API: it tells clients who they are and
// where to connect, and gives operators a hand on what runs. Everything else goes
// over the websocket.
package config

import (
	"context"
	"net/http"
	"sync/atomic"

	"github.com/hawos/hawos/runtime/app"
	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/httpapi"
	"github.com/hawos/hawos/runtime/jwt"
	"github.com/hawos/hawos/runtime/registry"
)

// Service answers the HTTP API.
type Service struct {
	config    config.Config
	keys      *jwt.Keys
	frontend  hawospb.FrontendClient
	instances atomic.Pointer[[]registry.Instance] // all that are alive
	logins    atomic.Uint32
}

// New connects the API to the project's other services.
func New(ctx context.Context, a *app.App) (*Service, error) {
	keys, err := jwt.New(a.Config().JWT)
	if err != nil {
		return nil, err
	}
	frontend, err := a.Dial("frontend")
	if err != nil {
		return nil, err
	}
	s := &Service{config: a.Config(), keys: keys, frontend: hawospb.NewFrontendClient(frontend)}
	stop, err := a.Registry().Watch(ctx, func(all []registry.Instance) { s.instances.Store(&all) })
	if err != nil {
		return nil, err
	}
	a.OnStop(func(context.Context) error { stop(); return nil })
	return s, nil
}

// Handler returns the API. Add your own calls here.
func (s *Service) Handler() http.Handler {
	mux := http.NewServeMux()
	httpapi.Handle(mux, "GET /api/info", s.Info)
	httpapi.Handle(mux, "POST /api/login", s.Login)
	httpapi.Handle(mux, "POST /api/online", operator(s, s.Online))
	httpapi.Handle(mux, "POST /api/push", operator(s, s.Push))
	httpapi.Handle(mux, "POST /api/kick", operator(s, s.Kick))
	return mux
}
