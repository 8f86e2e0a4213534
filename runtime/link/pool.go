package link

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/runtime/registry"
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
	// MaxInFlight is how many requests one instance may owe an answer, at most a
	// million; those above it are answered RESOURCE_EXHAUSTED. 0: 65,536.
	MaxInFlight int
	// MaxHeld is how many requests of one session wait for a service whose
	// instance was lost or drains, until those before them are settled; those
	// above it are answered RESOURCE_EXHAUSTED. 0: 256.
	MaxHeld int
	// Answered is called after the replies of one batch were given to their
	// receivers, which it gets, some maybe twice: whoever queues replies writes
	// them now. It must not block, and must not keep the slice. nil: nothing.
	Answered func([]Receiver)

	Log     *slog.Logger          // nil: slog.Default
	Metrics prometheus.Registerer // nil: none
}

func (o PoolOptions) withDefaults() PoolOptions {
	if o.MaxQueueBytes == 0 {
		o.MaxQueueBytes = 4 << 20
	}
	if o.MaxInFlight == 0 {
		o.MaxInFlight = 1 << 16
	}
	o.MaxInFlight = min(o.MaxInFlight, 1<<slotBits)
	if o.MaxHeld == 0 {
		o.MaxHeld = 256
	}
	if o.Answered == nil {
		o.Answered = func([]Receiver) {}
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return o
}

// Pool is the frontend's side: a link to each live instance that answers
// protocol IDs, and the routing of sessions' requests over them. All methods may
// be called concurrently.
type Pool struct {
	o       PoolOptions
	metrics *poolMetrics
	buffers buffers
	spare   sync.Pool // of *pending
	serial  atomic.Uint64
	types   pushTypes
	view    atomic.Pointer[view]

	ctx       context.Context // the life of the links
	cancel    context.CancelFunc
	stopWatch func()
	quit      chan struct{} // closed by Close
	once      sync.Once
	loops     sync.WaitGroup
	closed    atomic.Bool

	mu       sync.Mutex
	conns    map[target]*conn
	sessions map[*Session]struct{}
}

// target tells links apart: an instance that moved is another one.
type target struct{ instance, address string }

// view is a routing table with the link of each of its instances.
type view struct {
	table *selector.Table
	conns []*conn // by Instance.Index
	index map[*conn]int
}

// Usable implements selector.Usable.
func (v *view) Usable(index int) bool { return v.conns[index].ready.Load() }

// lively are those of a view's links on which answers come.
type lively struct{ *view }

// Usable implements selector.Usable.
func (v lively) Usable(index int) bool {
	c := v.conns[index]
	return c.ready.Load() && !c.silent.Load()
}

// NewPool links to the instances that s knows, now and later. Close ends it,
// before s is closed.
func NewPool(s *selector.Selector, o PoolOptions) *Pool {
	o = o.withDefaults()
	p := &Pool{o: o, metrics: newPoolMetrics(o.Metrics, o.Log), conns: map[target]*conn{}, sessions: map[*Session]struct{}{}, quit: make(chan struct{})}
	p.ctx, p.cancel = context.WithCancel(context.Background())
	p.stopWatch = s.Watch(p.follow)
	p.loops.Go(p.watchSilence)
	return p
}

// follow opens links to new instances and closes those of instances that are
// gone.
func (p *Pool) follow(t *selector.Table) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v := &view{table: t, index: make(map[*conn]int, len(t.Instances()))}
	conns := make(map[target]*conn, len(t.Instances()))
	for _, i := range t.Instances() {
		k := target{i.ID, i.Address}
		c := p.conns[k]
		if c == nil {
			c = p.open(i.Instance)
		} else {
			c.changed(i.Instance)
		}
		conns[k] = c
		v.index[c] = len(v.conns)
		v.conns = append(v.conns, c)
	}
	old := p.conns
	p.conns = conns
	p.view.Store(v) // before the others end: nobody picks them any more
	for k, c := range old {
		if conns[k] == nil {
			c.retire()
		}
	}
}

func (p *Pool) open(i registry.Instance) *conn {
	ctx, cancel := context.WithCancel(p.ctx)
	c := &conn{pool: p, app: i.App, name: i.ID, address: i.Address, epoch: i.Epoch, cancel: cancel, wake: make(chan struct{}, 1)}
	p.loops.Go(func() { c.run(ctx) })
	return c
}

// Close asks the instances to finish what is in flight, and ends all links when
// they have, or when ctx ends; it then waits for their goroutines. Requests that
// are still in flight are answered UNAVAILABLE, as are later ones.
func (p *Pool) Close(ctx context.Context) error {
	p.closed.Store(true)
	p.stopWatch()
	p.once.Do(func() { close(p.quit) })
	p.mu.Lock()
	for _, c := range p.conns {
		c.retire()
	}
	p.mu.Unlock()
	done := make(chan struct{})
	go func() { p.loops.Wait(); close(done) }()
	select {
	case <-done:
		p.cancel()
		return nil
	case <-ctx.Done():
		p.cancel()
		<-done
		return fmt.Errorf("close links: %w", ctx.Err())
	}
}

// OpenSession makes the session known to the pool, and to the services with
// events. r takes the replies to its requests.
func (p *Pool) OpenSession(info session.Session, r Receiver) *Session {
	s := &Session{number: p.serial.Add(1), receiver: r}
	s.set(info)
	p.mu.Lock()
	p.sessions[s] = struct{}{}
	p.mu.Unlock()
	p.announce(s)
	return s
}

// UpdateSession changes what instances know of the session, such as its uid at
// login. Requests sent later are handled with it.
func (p *Pool) UpdateSession(s *Session, info session.Session) {
	s.mu.Lock()
	s.set(info)
	s.mu.Unlock()
	p.announce(s)
}

// announce tells the services with events of the session; others are told with
// its next request.
func (p *Pool) announce(s *Session) {
	for _, c := range p.view.Load().conns {
		if c.events.Load() {
			c.introduce(s)
		}
	}
}

// CloseSession tells every instance that knows the session that it is gone, and
// why. Its requests in flight are cancelled, one-way ones excepted.
func (p *Pool) CloseSession(s *Session, reason string) {
	p.mu.Lock()
	delete(p.sessions, s)
	p.mu.Unlock()
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return
	}
	s.closed = true
	for n := range s.known {
		s.known[n].conn.dismiss(s, &s.known[n], reason)
	}
	for _, l := range s.lanes {
		l.lost, l.held = list{}, list{}
	}
	s.known = nil
}

// all returns the open sessions.
func (p *Pool) all() []*Session {
	p.mu.Lock()
	defer p.mu.Unlock()
	all := make([]*Session, 0, len(p.sessions))
	for s := range p.sessions {
		all = append(all, s)
	}
	return all
}

// Links returns how many instances are linked and take new requests.
func (p *Pool) Links() int {
	n := 0
	for _, c := range p.view.Load().conns {
		if c.ready.Load() {
			n++
		}
	}
	return n
}

// PushType returns the message that pushes of the protocol ID carry, as the
// linked instances told.
func (p *Pool) PushType(id uint32) (protoreflect.MessageDescriptor, bool) { return p.types.find(id) }
