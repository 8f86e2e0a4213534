package frontend

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/directory"
	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/registry"
)

// Host is the process that a frontend is part of; *app.App is one.
type Host interface {
	Name() string     // appName; instances of the same appName are the other frontends
	Instance() string // frontend-1
	Epoch() string    // this run
	Config() config.Config
	Log() *slog.Logger
	Metrics() prometheus.Registerer
	Registry() registry.Registry
	Directory() directory.Directory
	Broker() push.Broker
	DialOptions() []grpc.DialOption // credentials for links and for other frontends
	// RegisterService takes the service hawos.Frontend.
	RegisterService(*grpc.ServiceDesc, any)
}
