package frontend

import (
	"context"
	"crypto/rand"
	"errors"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hawos/hawos/runtime/frontend/conn"
	"github.com/hawos/hawos/runtime/frontend/group"
	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/recovery"
	sess "github.com/hawos/hawos/runtime/session"
	"github.com/hawos/hawos/runtime/wire"
)

// session is one client's connection. It is kept small: a frontend has many that
// do nothing.
type session struct {
	f      *Frontend
	c      *conn.Conn
	id     string // unique over all frontends
	opened time.Time
	groups group.Memberships[*session]

	// Of begin, then of the reader alone.
	link  *link.Session // nil until a service has to know of the session
	rates []bucket

	login atomic.Pointer[string] // the uid, from when it is entered in the directory
	ready atomic.Bool            // logged in: the LoginReply is on its way
	next  *session               // of the same uid; the sessions' shard guards it

	mu      sync.Mutex
	calls   []call        // requests in flight, a few
	lastTag uint64        // of a call
	room    chan struct{} // closed when a call is settled; nil: the reader does not wait
	leaving atomic.Bool   // no new requests: the frontend drains; set with the lock held
	timer   *time.Timer   // runs until alarm; nil until needed
	alarm   time.Time     // zero: it does not run
	loginBy time.Time     // zero: logged in
	expires time.Time     // of the token; zero: not logged in
	ended   bool
}

func newSession(f *Frontend, c *conn.Conn) *session {
	s := &session{f: f, c: c, id: rand.Text(), opened: time.Now()}
	f.sessions.add(s)
	return s
}

// uid returns "" while nobody is logged in.
func (s *session) uid() string {
	if uid := s.login.Load(); uid != nil {
		return *uid
	}
	return ""
}

// run is the session's life from when it has begun, on the one goroutine that it
// has.
func (s *session) run() {
	defer s.f.running.Done()
	defer s.f.sessions.open.Add(-1)
	err := recovery.Do(func() error {
		s.c.Serve(s.packet)
		return nil
	})
	s.crashed(err)
	s.end()
}

// crashed reports a bug in this program: the session ends, the process does not.
func (s *session) crashed(err error) {
	var p *recovery.Panic
	if errors.As(err, &p) {
		s.f.log.Error("session panicked", "session", s.id, "err", err, "stack", string(p.Stack))
		s.c.Close(closeInternal())
	}
}

// begin precedes run: it logs in where the upgrade brought a token, and sets the
// time for a login where it did not.
func (s *session) begin(token string) {
	if token != "" {
		s.loginAtUpgrade(token)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.loginBy = s.opened.Add(s.f.ws.LoginTimeout)
	s.wakeAt(s.loginBy)
}

// end takes the session out of everything that knows of it. The connection is
// closing or lost.
func (s *session) end() {
	s.mu.Lock()
	s.ended = true
	s.f.metrics.inFlight.Add(-float64(len(s.calls)))
	s.calls = nil
	if s.timer != nil {
		s.timer.Stop()
	}
	s.mu.Unlock()
	f := s.f
	if s.link != nil {
		f.pool.CloseSession(s.link, strconv.Itoa(s.c.CloseCode()))
	}
	f.sessions.remove(s)
	if emptied := f.groups.LeaveAll(&s.groups); len(emptied) > 0 {
		f.keeper.Changed(emptied...)
	}
	if uid := s.uid(); uid != "" {
		f.leaveDirectory(uid, s.id)
	}
	code := s.c.CloseCode()
	f.metrics.closed(code)
	f.log.Debug("session closed", "session", s.id, "uid", s.uid(), "remote", s.c.Remote(), "code", code, "after", time.Since(s.opened))
	s.c.Finish()
}

// info is what services know of the session.
func (s *session) info() sess.Session {
	return sess.Session{
		ID: s.id, UID: s.uid(), Frontend: s.f.place.Frontend, Remote: s.c.Remote(), Opened: s.opened, JSON: s.c.Encoding() == wire.JSON,
	}
}

// open makes the session known to the links, or tells them what changed.
func (s *session) open() {
	if s.link == nil {
		s.link = s.f.pool.OpenSession(s.info(), s)
		return
	}
	s.f.pool.UpdateSession(s.link, s.info())
}

// send writes a packet of the server's own.
func (s *session) send(p *wire.Packet) {
	s.c.Send(p)
	s.c.Flush()
}

// directoryTimeout is how long a login or its end waits for the directory.
const directoryTimeout = 3 * time.Second

func directoryContext() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), directoryTimeout)
}
