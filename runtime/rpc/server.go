// Package rpc is gRPC between services: Server with the project's trust, typed
// errors, metrics and deadlines, and Dialer, which reaches services by appName.
// Clients' packets do not come this way; package link carries them.
//
// A session travels along with a trusted call, so that session.From finds it in
// the called service too.
package rpc

import (
	"context"
	"crypto/tls"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/encoding"
	"google.golang.org/grpc/keepalive"
)

const (
	defaultServerTimeout = 30 * time.Second
	maxMessage           = 72 << 20 // bytes; above the greatest packet that a frontend may be configured for
	windowBytes          = 1 << 20  // what a caller may send before it is read
	leastPing            = 5 * time.Second
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
type Server struct {
	grpc *grpc.Server
}

// NewServer returns a server without services. Stop ends it, also where Serve
// was never called.
func NewServer(o ServerOptions) *Server {
	if o.Timeout == 0 {
		o.Timeout = defaultServerTimeout
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	i := &inbound{timeout: o.Timeout, log: o.Log, gate: newGate(o.Token), metrics: newMetrics(o.Metrics, o.Log, "hawos_rpc_server", "answered")}
	options := []grpc.ServerOption{
		grpc.ChainUnaryInterceptor(i.unary),
		grpc.ChainStreamInterceptor(i.stream),
		grpc.MaxRecvMsgSize(maxMessage),
		grpc.InitialWindowSize(windowBytes),
		grpc.InitialConnWindowSize(windowBytes),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: leastPing, PermitWithoutStream: true}),
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: pingEvery, Timeout: pingTimeout}),
	}
	if o.TLS != nil {
		options = append(options, grpc.Creds(credentials.NewTLS(o.TLS)))
	}
	if o.Codec != nil {
		options = append(options, grpc.ForceServerCodecV2(o.Codec))
	}
	return &Server{grpc: grpc.NewServer(options...)}
}

// RegisterService implements grpc.ServiceRegistrar; it must precede Serve.
func (s *Server) RegisterService(d *grpc.ServiceDesc, impl any) { s.grpc.RegisterService(d, impl) }

// Serve answers calls on l, which it closes, until Stop. It returns nil after
// Stop.
func (s *Server) Serve(l net.Listener) error {
	if err := s.grpc.Serve(l); err != nil {
		return fmt.Errorf("serve gRPC on %s: %w", l.Addr(), err)
	}
	return nil
}

// Stop accepts nothing new and waits for the calls in progress, among them
// links, which whoever serves them ends first; when ctx ends it cancels them and
// returns ctx's error.
func (s *Server) Stop(ctx context.Context) error {
	done := make(chan struct{})
	go func() { s.grpc.GracefulStop(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		s.grpc.Stop()
		<-done
		return fmt.Errorf("stop gRPC: calls were cancelled: %w", ctx.Err())
	}
}
