package link

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"

	"github.com/hawos/hawos/runtime/route"
)

// ServerOptions say who the instance is and how much it works on at once.
type ServerOptions struct {
	Instance  string // instance name, chat-1
	Epoch     string // this run of the instance
	Namespace string

	// Workers is how many handlers run at once. 0: 1,024.
	Workers int
	// MaxPending is how many requests wait or run; those above it are answered
	// RESOURCE_EXHAUSTED. 0: 65,536.
	MaxPending int

	Log     *slog.Logger          // nil: slog.Default
	Metrics prometheus.Registerer // nil: none
}

// Server is an instance's side of all links: it answers the protocol IDs of the
// registered services. All methods may be called concurrently.
type Server struct{}

// NewServer returns a server without services.
func NewServer(o ServerOptions) *Server { return &Server{} }

// Register serves the service's protocol IDs and push types. It panics where an
// ID is registered already, and must not be called after Attach.
func (s *Server) Register(svc Service) {}

// Attach registers hawos.Link on a gRPC server, which must have been made with
// grpc.ForceServerCodecV2(link.Codec{}). *rpc.Server is such a one.
func (s *Server) Attach(r grpc.ServiceRegistrar) {}

// Entries returns what the services answer, sorted by ID, for the registry.
func (s *Server) Entries() []route.Entry { return nil }

// Drain asks all frontends to send no new requests and waits until those
// accepted so far are answered, or ctx ends. Links stay open.
func (s *Server) Drain(ctx context.Context) error { return nil }

// Close ends all links and waits for the workers. Handlers' contexts are
// cancelled.
func (s *Server) Close(ctx context.Context) error { return nil }
