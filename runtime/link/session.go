package link

import (
	"sync"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/selector"
	"github.com/hawos/hawos/runtime/session"
)

// Session is one client's session as the pool routes for it. Pool.OpenSession
// makes one.
type Session struct {
	number   uint64 // on all streams
	receiver Receiver

	mu      sync.Mutex // taken before a conn's
	closed  bool
	key     uint64 // of the uid, or of the session's ID
	info    []byte // encoded hawos.SessionInfo
	version uint32 // of info
	lanes   []*lane
	known   []known // the instances that were told of the session
}

// known is one instance that knows a session.
type known struct {
	conn    *conn
	stream  uint32 // it forgot all sessions when that stream ended
	version uint32 // of the info that it has
}

// lane is the way of one session's requests to one service.
type lane struct {
	app string
	// flying are in flight, all at conn, in the order they were sent.
	flying list
	conn   *conn
	// lost were in flight at an instance that is gone; they are settled one
	// after another before anything else goes.
	lost list
	// held wait until flying and lost are empty, or may follow flying.
	held list
	// advancing says that somebody works off lost and held.
	advancing bool
}

func encodeInfo(s session.Session) []byte {
	// A string that is not UTF-8 fails; none of the fields comes from a client
	// unchecked, so an empty info is as good as any.
	b, _ := proto.Marshal(&hawospb.SessionInfo{
		Id: s.ID, Uid: s.UID, Frontend: s.Frontend, Remote: s.Remote, OpenedMs: unixMilli(s.Opened), Json: s.JSON,
	})
	return b
}

func unixMilli(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMilli()
}

// set replaces what instances are told. It is called with mu held, or before the
// session is shared.
func (s *Session) set(info session.Session) {
	s.info = encodeInfo(info)
	s.version++
	s.key = selector.Key(info.ID)
	if info.UID != "" {
		s.key = selector.Key(info.UID)
	}
}

// lane returns the session's way to a service. It is called with mu held.
func (s *Session) lane(app string) *lane {
	for _, l := range s.lanes {
		if l.app == app {
			return l
		}
	}
	l := &lane{app: app}
	s.lanes = append(s.lanes, l)
	return l
}

// knows returns the session's entry for the stream, a new one where the instance
// was told nothing yet. It is called with mu held.
func (s *Session) knows(c *conn, stream uint32) *known {
	for n := range s.known {
		if k := &s.known[n]; k.conn == c {
			if k.stream != stream {
				k.stream, k.version = stream, 0
			}
			return k
		}
	}
	for n := range s.known {
		if s.known[n].conn.gone.Load() {
			s.known[n] = known{conn: c, stream: stream}
			return &s.known[n]
		}
	}
	s.known = append(s.known, known{conn: c, stream: stream})
	return &s.known[len(s.known)-1]
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
