// Package route describes what may be called by protocol ID: the route of each
// rpc as the schema gives it, the delivery of each push, and the table of both
// that hawosgen generates for the frontend. It holds data and their JSON form
// for the registry; package selector picks instances by it.
package route

import (
	"time"
)

// V1 is the handshake between generated code and this runtime: generated files
// name it, so that code from a hawosgen of another generation does not compile.
const V1 = true

// DefaultTimeout is how long a request may take where its route does not say.
const DefaultTimeout = 5 * time.Second

// FirstID is the lowest protocol ID of a project; those below belong to hawos.
const FirstID = 100

// Order says which requests wait for each other.
type Order uint8

// The orders of a route.
const (
	OrderSession Order = iota // a session's requests to one service, one after another
	OrderKey                  // requests with equal keys within an instance, one after another
	OrderNone                 // none
)

// Balance says how the frontend picks the instance of a service.
type Balance uint8

// The balances of a service.
const (
	BalanceRoundRobin Balance = iota // next instance, but a session's requests in flight stay together
	BalanceSession                   // rendezvous hash of the uid, or of the session where nobody is logged in
)

// Rate is how many requests a session may send per time; the burst is N. The
// zero value is unlimited.
type Rate struct {
	N   uint32        `json:"n,omitempty"`
	Per time.Duration `json:"per,omitempty"` // ns
}

// Options are the route of one rpc. The zero value is the default of each.
type Options struct {
	Timeout       time.Duration `json:"timeout,omitempty"` // ns; 0: DefaultTimeout
	Rate          Rate          `json:"rate,omitzero"`
	LoginOptional bool          `json:"login_optional,omitempty"`
	Order         Order         `json:"order,omitempty"`
	Idempotent    bool          `json:"idempotent,omitempty"` // sent again once when its instance is lost
}

// TimeoutOrDefault returns the timeout, > 0.
func (o Options) TimeoutOrDefault() time.Duration {
	if o.Timeout > 0 {
		return o.Timeout
	}
	return DefaultTimeout
}

// Entry is one rpc that clients call.
type Entry struct {
	ID      uint32  `json:"id"`
	App     string  `json:"app"`
	Method  string  `json:"method"` // full name, chat.v1.Chat.Send
	Balance Balance `json:"balance,omitempty"`
	Options Options `json:"options,omitzero"`
}

// Class says what happens to a push whose client is slow. The values are those
// of hawos.Delivery.Class.
type Class uint8

// The delivery classes.
const (
	Reliable   Class = iota // delivered, or the session is closed with 4429
	Latest                  // a newer one with the same key takes a waiting one's place
	DropOldest              // the oldest waiting one of this class goes first
)

// Push is one message that the server pushes.
type Push struct {
	ID      uint32
	App     string
	Message string // full name, chat.v1.Posted
	Class   Class
	TTL     time.Duration // 0: never expires
}

// Table is what hawosgen knows of a project when it generates the frontend:
// names and defaults. Who is alive, and what was deployed since, is the
// registry's to say.
type Table struct {
	Entries []Entry // sorted by ID
	Pushes  []Push  // sorted by ID
}
