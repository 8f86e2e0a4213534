package rpc

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"google.golang.org/grpc/resolver"

	"github.com/hawos/hawos/runtime/registry"
)

// The schemes of targets.
const (
	directScheme   = "direct"    // direct:///host:port,host:port
	appScheme      = "discovery" // discovery:///chat: all ready instances
	instanceScheme = "instance"  // instance:///chat-1: that one
)

var errNoRegistry = errors.New("the dialer has no registry: only direct:/// targets work")

// retryWatch is how long a failed watch of the registry rests.
const retryWatch = time.Second

// firstFind is how long the first calls to a name wait for an instance: what has
// just registered is seen with a delay, by a watch of etcd that is new in
// particular.
const firstFind = time.Second

// directBuilder resolves a list of addresses to itself.
type directBuilder struct{}

// Scheme implements resolver.Builder.
func (directBuilder) Scheme() string { return directScheme }

// Build implements resolver.Builder.
func (directBuilder) Build(t resolver.Target, cc resolver.ClientConn, _ resolver.BuildOptions) (resolver.Resolver, error) {
	var s resolver.State
	for a := range strings.SplitSeq(t.Endpoint(), ",") {
		s.Addresses = append(s.Addresses, resolver.Address{Addr: a, ServerName: a})
	}
	return idle{}, cc.UpdateState(s)
}

// idle is a resolver that has nothing more to say.
type idle struct{}

// ResolveNow implements resolver.Resolver.
func (idle) ResolveNow(resolver.ResolveNowOptions) {}

// Close implements resolver.Resolver.
func (idle) Close() {}

// discoveryBuilder resolves names by the registry.
type discoveryBuilder struct {
	scheme   string
	registry registry.Registry // may be nil
}

// Scheme implements resolver.Builder.
func (b discoveryBuilder) Scheme() string { return b.scheme }

// Build implements resolver.Builder.
func (b discoveryBuilder) Build(t resolver.Target, cc resolver.ClientConn, _ resolver.BuildOptions) (resolver.Resolver, error) {
	if b.registry == nil {
		return nil, errNoRegistry
	}
	ctx, cancel := context.WithCancel(context.Background())
	r := &discovery{discoveryBuilder: b, name: t.Endpoint(), cc: cc, cancel: cancel, done: make(chan struct{})}
	go r.run(ctx)
	return r, nil
}

// discovery follows the instances of one name.
type discovery struct {
	discoveryBuilder
	name   string
	cc     resolver.ClientConn
	cancel context.CancelFunc
	done   chan struct{}

	mu      sync.Mutex
	found   bool // instances were told before
	overdue bool // firstFind is over
}

// run watches until ctx ends, and tries again where it cannot.
func (r *discovery) run(ctx context.Context) {
	defer close(r.done)
	late := time.AfterFunc(firstFind, r.giveUp)
	defer late.Stop()
	for {
		stop, err := r.registry.Watch(ctx, r.tell)
		if err == nil {
			<-ctx.Done()
			stop()
			return
		}
		r.cc.ReportError(fmt.Errorf("find %s: %w", r.name, err))
		t := time.NewTimer(retryWatch)
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C:
		}
	}
}

func (r *discovery) tell(all []registry.Instance) {
	var s resolver.State
	for _, i := range matching(all, r.scheme, r.name) {
		s.Addresses = append(s.Addresses, resolver.Address{Addr: i.Address, ServerName: i.Address})
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(s.Addresses) == 0 && !r.found {
		if r.overdue {
			r.none()
		}
		return
	}
	r.found = true
	_ = r.cc.UpdateState(s) // it complains of an empty list, which fails the calls as it should
}

// giveUp fails the calls that wait for a first instance, and later ones.
func (r *discovery) giveUp() {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.overdue = true; !r.found {
		r.none()
	}
}

func (r *discovery) none() {
	r.cc.ReportError(fmt.Errorf("no ready instance of %s", r.name)) // the calls' error text
}

// matching returns the ready instances of a name in a scheme.
func matching(all []registry.Instance, scheme, name string) []registry.Instance {
	var some []registry.Instance
	for _, i := range all {
		if i.State == registry.Ready && (scheme == appScheme && i.App == name || scheme == instanceScheme && i.ID == name) {
			some = append(some, i)
		}
	}
	return some
}

// ResolveNow implements resolver.Resolver: the watch tells changes anyway.
func (r *discovery) ResolveNow(resolver.ResolveNowOptions) {}

// Close implements resolver.Resolver.
func (r *discovery) Close() {
	r.cancel()
	<-r.done
}
