// Package rpc is gRPC between services: Server with the project's trust, typed
// errors, metrics and deadlines, and Dialer, which reaches services by appName.
// Clients' packets do not come this way; package link carries them.
package rpc

import (
	"context"
	"crypto/tls"
	"log/slog"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/encoding"
)

// ServerOptions of a server. With neither Token nor TLS.ClientCAs set nobody is
// trusted: calls are served, but no session is believed and links are refused.
type ServerOptions struct {
	// Token is the project's shared secret. Where it is set, calls without it or
	// a verified client certificate are refused with UNAUTHENTICATED.
	Token string
	TLS   *tls.Config      // nil: plain TCP
	Codec encoding.CodecV2 // nil: protobuf; link.Codec where links are served
	// Timeout ends unary calls that came without a deadline. 0: 30 s.
	Timeout time.Duration
	Log     *slog.Logger          // nil: slog.Default
	Metrics prometheus.Registerer // nil: none
}

// Server serves gRPC to the project's other services. It is a
// grpc.ServiceRegistrar.
type Server struct{}

// NewServer returns a server without services. Stop ends it, also where Serve
// was never called.
func NewServer(o ServerOptions) *Server { return &Server{} }

// RegisterService implements grpc.ServiceRegistrar; it must precede Serve.
func (s *Server) RegisterService(d *grpc.ServiceDesc, impl any) {}

// Serve answers calls on l, which it closes, until Stop. It returns nil after
// Stop.
func (s *Server) Serve(l net.Listener) error { return nil }

// Stop accepts nothing new and waits for the calls in progress; when ctx ends
// first it cancels them and returns ctx's error.
func (s *Server) Stop(ctx context.Context) error { return nil }
