package app

import (
	"context"
	"fmt"

	"google.golang.org/grpc"

	"github.com/hawos/hawos/runtime/link"
)

// Server is a part with a life of its own, such as a frontend or an HTTP API.
// The app calls each method once, in this order, and Stop also where Start
// failed or Drain ran out of time. Two more methods are used where they exist:
//
//	Failed() <-chan error               // takes an error when the server ends by itself
//	Endpoint() (kind, address string)   // for the line of log that says ready, such as "ws", "127.0.0.1:8000"
type Server interface {
	// Start returns when the server listens.
	Start(ctx context.Context) error
	// Drain takes nothing new and returns when what has begun is finished, or
	// with ctx.
	Drain(ctx context.Context) error
	// Stop ends the server and returns when its goroutines have.
	Stop(ctx context.Context) error
}

type failer interface{ Failed() <-chan error }

type endpoint interface{ Endpoint() (kind, address string) }

// RegisterService implements grpc.ServiceRegistrar: it serves a gRPC service to
// the project's other services.
func (a *App) RegisterService(d *grpc.ServiceDesc, impl any) { a.rpc.RegisterService(d, impl) }

// RegisterLink implements link.Registrar: it serves the service's protocol IDs.
// A service of another appName fails the start, for discovery goes by appName.
func (a *App) RegisterLink(s link.Service) {
	if s.App != a.name {
		a.faults = append(a.faults, fmt.Errorf("service %s belongs to the app %q: register it in a process of that name", s.Name, s.App))
		return
	}
	a.link.Register(s)
}

// Serve makes s part of the app: it is started after the app's gRPC server,
// drained with all others at once, and stopped in reverse order.
func (a *App) Serve(s Server) { a.servers = append(a.servers, s) }

// OnStop calls f when the servers have stopped and the drivers are still open,
// the last one given first. f must return when its context ends.
func (a *App) OnStop(f func(context.Context) error) { a.onStop = append(a.onStop, f) }
