// Package directory says where a user is: uid → the session and frontend that
// hold it, group → the frontends with members. An entry is valid only while the
// registry has that frontend with that epoch. Its drivers are directory/redis,
// and directory/memory for unit tests.
package directory

import "context"

// Place is where a uid is logged in. Frontends's places have no session.
type Place struct {
	Session  string // session ID
	Frontend string // instance name
	Epoch    string // the frontend's run; no two runs have the same
}

// Directory maps users and groups to frontends. All methods may be called
// concurrently.
type Directory interface {
	// Set enters the uid and returns what it replaced; ok is false where there
	// was nothing. One atomic step.
	Set(ctx context.Context, uid string, p Place) (old Place, ok bool, err error)
	// SetNew enters the uid only where it is absent, or there with the same
	// session; otherwise it changes nothing and returns the holder with ok false.
	SetNew(ctx context.Context, uid string, p Place) (holder Place, ok bool, err error)
	// Delete removes the uid if the session still holds it.
	Delete(ctx context.Context, uid, session string) error
	// Lookup returns the places of the uids, in their order; the zero Place
	// where a uid is not logged in.
	Lookup(ctx context.Context, uids []string) ([]Place, error)

	// Join enters that the frontend's run has members of the groups, Leave that
	// it has none any more. Other runs of the frontend are left as they are.
	Join(ctx context.Context, frontend, epoch string, groups ...string) error
	Leave(ctx context.Context, frontend, epoch string, groups ...string) error
	// Frontends returns per group, in their order, the runs of frontends with
	// members, each once. Some may be dead: the registry knows.
	Frontends(ctx context.Context, groups []string) ([][]Place, error)
	// Close releases what the driver holds.
	Close() error
}
