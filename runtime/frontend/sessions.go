package frontend

import (
	"fmt"
	"hash/maphash"
	"math/rand/v2"
	"sync"
	"sync/atomic"
)

// duplicate says what a second login of a uid does.
type duplicate string

const (
	kickOld   duplicate = "kick"   // the first session is closed with 4409
	refuseNew duplicate = "refuse" // the second login is refused
	allowBoth duplicate = "allow"
)

func duplicatePolicy(s string) (duplicate, error) {
	switch d := duplicate(s); d {
	case "":
		return kickOld, nil
	case kickOld, refuseNew, allowBoth:
		return d, nil
	}
	return "", fmt.Errorf("ws.duplicate %q: must be kick, refuse or allow", s)
}

// shards is a power of two.
const shards = 64

// sessions are all sessions of a frontend, and which of them belong to a uid.
type sessions struct {
	policy duplicate
	open   atomic.Int64 // accepted and not ended
	logins atomic.Int64 // logged in
	seed   maphash.Seed
	shards [shards]shard
}

type shard struct {
	mu   sync.RWMutex
	all  map[*session]struct{}
	uids map[string]*session // the others of the uid hang on next
}

func newSessions(d duplicate) *sessions {
	x := &sessions{policy: d, seed: maphash.MakeSeed()}
	for i := range x.shards {
		x.shards[i].all = map[*session]struct{}{}
		x.shards[i].uids = map[string]*session{}
	}
	return x
}

func (x *sessions) shard(key string) *shard {
	return &x.shards[maphash.String(x.seed, key)&(shards-1)]
}

func (x *sessions) add(s *session) {
	h := x.shard(s.id)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.all[s] = struct{}{}
}

// login enters the session under its uid.
func (x *sessions) login(uid string, s *session) {
	s.login.Store(&uid)
	h := x.shard(uid)
	h.mu.Lock()
	defer h.mu.Unlock()
	s.next = h.uids[uid]
	h.uids[uid] = s
	x.logins.Add(1)
}

// logout takes the session out from under its uid.
func (x *sessions) logout(s *session) {
	uid := s.uid()
	h := x.shard(uid)
	h.mu.Lock()
	defer h.mu.Unlock()
	first := h.uids[uid]
	for at := &first; *at != nil; at = &(*at).next {
		if *at == s {
			*at, s.next = s.next, nil
			x.logins.Add(-1)
			break
		}
	}
	if first == nil {
		delete(h.uids, uid)
	} else {
		h.uids[uid] = first
	}
}

// remove takes the session out of everything.
func (x *sessions) remove(s *session) {
	if s.uid() != "" {
		x.logout(s)
	}
	h := x.shard(s.id)
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.all, s)
}

// of appends the sessions of the uid to dst, the newest first.
func (x *sessions) of(dst []*session, uid string) []*session {
	h := x.shard(uid)
	h.mu.RLock()
	defer h.mu.RUnlock()
	for s := h.uids[uid]; s != nil; s = s.next {
		dst = append(dst, s)
	}
	return dst
}

// loggedIn appends all sessions that are logged in to dst.
func (x *sessions) loggedIn(dst []*session) []*session {
	for i := range x.shards {
		h := &x.shards[i]
		h.mu.RLock()
		for _, s := range h.uids {
			for ; s != nil; s = s.next {
				dst = append(dst, s)
			}
		}
		h.mu.RUnlock()
	}
	return dst
}

// each calls f for every session. f may end it.
func (x *sessions) each(f func(*session)) {
	for i := range x.shards {
		h := &x.shards[i]
		h.mu.RLock()
		list := make([]*session, 0, len(h.all))
		for s := range h.all {
			list = append(list, s)
		}
		h.mu.RUnlock()
		for _, s := range list {
			f(s)
		}
	}
}

// has reports whether the uid's session of that ID is here.
func (x *sessions) has(uid, id string) bool {
	for _, s := range x.of(nil, uid) {
		if s.id == id {
			return true
		}
	}
	return false
}

// sample returns up to n uids that are logged in with the ID of their newest
// session, others every time; all where n < 0.
func (x *sessions) sample(n int) map[string]string {
	found := map[string]string{}
	start := rand.IntN(shards)
	for i := range x.shards {
		h := &x.shards[(start+i)%shards]
		h.mu.RLock()
		for uid, s := range h.uids {
			if len(found) == n {
				break
			}
			if s.ready.Load() {
				found[uid] = s.id
			}
		}
		h.mu.RUnlock()
	}
	return found
}
