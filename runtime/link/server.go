package link

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/hawos/hawos/runtime/hawospb"
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

func (o ServerOptions) withDefaults() ServerOptions {
	if o.Workers == 0 {
		o.Workers = 1024
	}
	if o.MaxPending == 0 {
		o.MaxPending = 1 << 16
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o
}

// Server is an instance's side of all links: it answers the protocol IDs of the
// registered services. All methods may be called concurrently.
type Server struct {
	o        ServerOptions
	metrics  *serverMetrics
	services []Service
	methods  map[uint32]*method
	hello    *hawospb.Hello // what Attach made of the services
	buffers  buffers
	spare    sync.Pool // of *call
	workers  *workers
	keys     keys
	pending  atomic.Int64 // requests and events that wait or run

	ctx     context.Context // ends at Close
	cancel  context.CancelFunc
	loops   sync.WaitGroup
	changed chan struct{} // holds one token while Drain has something to look at

	mu       sync.Mutex
	peers    map[*peer]struct{}
	draining atomic.Bool // changes with mu held
}

// method is a registered method with what each call needs.
type method struct {
	Method
	service string // full name
	metrics methodMetrics
}

// NewServer returns a server without services. Close ends it.
func NewServer(o ServerOptions) *Server {
	o = o.withDefaults()
	s := &Server{o: o, methods: map[uint32]*method{}, changed: make(chan struct{}, 1), peers: map[*peer]struct{}{}}
	s.metrics = newServerMetrics(o.Metrics, o.Log, func() float64 { return float64(s.pending.Load()) })
	s.workers = newWorkers(o.Workers)
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s
}

// Register serves the service's protocol IDs and push types. It panics where an
// ID is registered already, and must not be called after Attach.
func (s *Server) Register(svc Service) {
	for _, m := range svc.Methods {
		if other := s.methods[m.ID]; other != nil {
			panic(fmt.Sprintf("protocol ID %d is registered twice: %s and %s", m.ID, other.Name, m.Name))
		}
		s.methods[m.ID] = &method{Method: m, service: svc.Name, metrics: s.metrics.method(m.Name)}
	}
	s.services = append(s.services, svc)
}

// Entries returns what the services answer, sorted by ID, for the registry.
func (s *Server) Entries() []route.Entry {
	var all []route.Entry
	for _, svc := range s.services {
		for _, m := range svc.Methods {
			all = append(all, route.Entry{ID: m.ID, App: svc.App, Method: m.Name, Balance: svc.Balance, Options: m.Options})
		}
	}
	slices.SortFunc(all, func(a, b route.Entry) int { return int(int64(a.ID) - int64(b.ID)) })
	return all
}

// Attach registers hawos.Link on a gRPC server, which must have been made with
// grpc.ForceServerCodecV2(link.Codec{}), as *rpc.Server with that codec is. It
// panics where descriptors of the push types are broken.
func (s *Server) Attach(r grpc.ServiceRegistrar) {
	s.hello = s.introduction()
	r.RegisterService(&grpc.ServiceDesc{
		ServiceName: "hawos.Link", HandlerType: (*any)(nil), Metadata: "hawos/link.proto",
		Streams: []grpc.StreamDesc{{
			StreamName: "Open", ServerStreams: true, ClientStreams: true,
			Handler: func(_ any, stream grpc.ServerStream) error { return s.open(stream) },
		}},
	}, s)
}

// Drain asks all frontends to send no new requests, and waits until they agreed
// and what came before is answered, or ctx ends.
func (s *Server) Drain(ctx context.Context) error {
	s.mu.Lock()
	s.draining.Store(true)
	for p := range s.peers {
		p.tellDrain()
	}
	s.mu.Unlock()
	for {
		s.mu.Lock()
		left := len(s.peers)
		s.mu.Unlock()
		if left == 0 && s.pending.Load() == 0 {
			return nil
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("drain %d links, %d requests: %w", left, s.pending.Load(), ctx.Err())
		case <-s.changed:
		}
	}
}

// Close ends all links, cancels the contexts of handlers that still run, and
// waits for them until ctx ends.
func (s *Server) Close(ctx context.Context) error {
	s.cancel()
	done := make(chan struct{})
	go func() { // ends with the last handler, for which nobody waits after ctx
		defer close(done)
		s.loops.Wait()
		s.workers.close()
	}()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("close links: %d requests still run: %w", s.pending.Load(), ctx.Err())
	}
}

// look wakes Drain.
func (s *Server) look() {
	select {
	case s.changed <- struct{}{}:
	default:
	}
}

// done notes the end of a request or event.
func (s *Server) done() {
	if s.pending.Add(-1) == 0 && s.draining.Load() {
		s.look()
	}
}

func (s *Server) enter(p *peer) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return status.Error(codes.Unavailable, "the instance stops")
	}
	s.peers[p] = struct{}{}
	s.metrics.frontends.Inc()
	return nil
}

func (s *Server) leave(p *peer) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.peers, p)
	s.metrics.frontends.Dec()
	s.look()
}
