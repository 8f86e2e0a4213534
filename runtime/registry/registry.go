// Package registry says who is alive: instances of services with their address
// and protocol IDs. Its drivers are registry/etcd, and registry/memory for unit
// tests; both pass the contract in registry/registrytest.
package registry

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"time"

	"github.com/hawos/hawos/runtime/route"
)

// State says whether an instance takes new requests.
type State string

// The states of an instance.
const (
	Ready    State = "ready"
	Draining State = "draining"
)

// Instance is one running process of a service.
type Instance struct {
	App     string    `json:"app"`
	ID      string    `json:"id"`              // the instance name, appName-id: chat-1
	Address string    `json:"address"`         // host:port that others dial
	Admin   string    `json:"admin,omitempty"` // host:port of the admin endpoint, for people
	WS      string    `json:"ws,omitempty"`    // where clients connect, ws://host:port/path; a frontend's alone
	Version string    `json:"version,omitempty"`
	Weight  int       `json:"weight,omitempty"` // for tools: the round robin takes all instances alike
	State   State     `json:"state"`
	Started time.Time `json:"started"`
	Epoch   string    `json:"epoch"` // tells two runs of the same instance apart

	// Entries are the protocol IDs that it answers; stored apart from the rest.
	Entries []route.Entry `json:"-"`
}

// ErrTaken says that a live instance with another address holds the name.
var ErrTaken = errors.New("instance name is taken")

// Registry is a directory of instances in one namespace. All methods may be
// called concurrently.
type Registry interface {
	// Register publishes the instance and keeps it published, also after a lost
	// lease, until the registration is closed. Where a live instance with
	// another address has the name it waits one TTL, then returns ErrTaken,
	// wrapped with the holder.
	Register(ctx context.Context, i Instance) (Registration, error)
	// Watch calls f with all instances, once before Watch returns and again
	// after each change, never two calls at once, until ctx ends; Watch's
	// returned stop waits for the last call. f's slice is sorted by ID, is f's
	// to keep and must not be changed, for it is shared. While the server is
	// away nothing is called: the last snapshot holds.
	Watch(ctx context.Context, f func([]Instance)) (stop func(), err error)
	// Close ends all registrations and watches and waits for them.
	Close() error
}

// Registration is one instance's entry.
type Registration interface {
	// Update replaces what is published, such as the state when it drains.
	Update(ctx context.Context, i Instance) error
	// Close removes the entry before it returns.
	Close(ctx context.Context) error
}

var name = regexp.MustCompile(`^[a-z][a-z0-9-]{0,19}$`)

// CheckName returns an error that tells the rule where s is no appName.
func CheckName(s string) error {
	if !name.MatchString(s) {
		return fmt.Errorf("appName %q: must begin with a-z, go on with a-z, 0-9 or -, and have at most 20 characters", s)
	}
	return nil
}
