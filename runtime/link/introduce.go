package link

import "github.com/hawos/hawos/runtime/hawospb"

// tell queues what the instance does not know of the session. It is called with
// both mu held.
func (c *conn) tell(s *Session) {
	k := s.knows(c, c.stream)
	if k.version == s.version {
		return
	}
	f := frame{kind: hawospb.Frame_SESSION, session: s.number, info: s.info}
	if c.out.put(&f, true) == nil {
		k.version = s.version
	}
}

// introduce tells the instance of a session that it has not heard of, or that
// changed.
func (c *conn) introduce(s *Session) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	if s.closed || c.out == nil {
		return
	}
	c.tell(s)
	c.out.flush(false)
}

// dismiss tells the instance that a session is gone, where it knows of it. It is
// called with the session's mu held.
func (c *conn) dismiss(s *Session, k *known, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.out == nil || k.stream != c.stream {
		return
	}
	f := frame{kind: hawospb.Frame_SESSION_CLOSED, session: s.number, reason: reason}
	_ = c.out.put(&f, true) // a stream that ends closes all of its sessions
	c.out.flush(false)
}
