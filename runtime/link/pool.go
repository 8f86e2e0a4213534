package link

import (
	"context"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/runtime/selector"
	"github.com/hawos/hawos/runtime/session"
)

// PoolOptions say who the frontend is and how much waits for a slow instance.
type PoolOptions struct {
	Instance  string // the frontend's instance name, frontend-1
	Epoch     string // the frontend's run
	Namespace string

	// DialOptions carry the credentials; none is a plain connection.
	DialOptions []grpc.DialOption
	// MaxQueueBytes is how much may wait to be sent to one instance; requests
	// above it are answered RESOURCE_EXHAUSTED. 0: 4 MiB.
	MaxQueueBytes int
	// MaxInFlight is how many requests one instance may owe an answer; those
	// above it are answered RESOURCE_EXHAUSTED. 0: 65,536.
	MaxInFlight int
	// MaxHeld is how many requests of one session wait for a service whose
	// instance was lost or drains, until those before them are settled; those
	// above it are answered RESOURCE_EXHAUSTED. 0: 256.
	MaxHeld int

	Log     *slog.Logger          // nil: slog.Default
	Metrics prometheus.Registerer // nil: none
}

// Pool is the frontend's side: a link to each live instance that answers
// protocol IDs, and the routing of sessions' requests over them. All methods may
// be called concurrently.
type Pool struct{}

// Session is one client's session as the pool routes for it. Pool.OpenSession
// makes one.
type Session struct{}

// NewPool links to the instances that s knows, now and later. Close ends it.
func NewPool(s *selector.Selector, o PoolOptions) *Pool { return &Pool{} }

// Close ends all links and waits for their goroutines. Requests in flight are
// answered UNAVAILABLE.
func (p *Pool) Close(ctx context.Context) error { return nil }

// OpenSession makes the session known to the pool, and to the services with
// events. r takes the replies to its requests.
func (p *Pool) OpenSession(info session.Session, r Receiver) *Session { return nil }

// UpdateSession changes what instances know of the session, such as its uid at
// login. Requests sent later are handled with it.
func (p *Pool) UpdateSession(s *Session, info session.Session) {}

// CloseSession tells every instance that knows the session that it is gone, and
// why. Its requests in flight are cancelled.
func (p *Pool) CloseSession(s *Session, reason string) {}

// Send routes the request to an instance and returns at once; the session's
// Receiver hears the answer. A protocol ID that nobody knows is answered
// UNIMPLEMENTED, one without a live instance UNAVAILABLE, and one whose queue is
// full RESOURCE_EXHAUSTED. Requests of one session must come from one goroutine
// at a time, in their order.
func (p *Pool) Send(s *Session, r Request) {}

// PushType returns the message that pushes of the protocol ID carry, as the
// linked instances told.
func (p *Pool) PushType(id uint32) (protoreflect.MessageDescriptor, bool) { return nil, false }
