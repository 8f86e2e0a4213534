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
