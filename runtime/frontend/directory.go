package frontend

import (
	"context"
	"slices"

	"google.golang.org/grpc/codes"

	"github.com/hawos/hawos/runtime/directory"
)

var (
	refusedDirectory = newRefusal(codes.Unavailable, "logins are not possible at the moment").retry(0)
	refusedDuplicate = newRefusal(codes.AlreadyExists, "this user is logged in elsewhere")
)

// enterDirectory writes where the uid is, and deals with another session of it.
func (f *Frontend) enterDirectory(uid string, s *session) *refusal {
	ctx, cancel := directoryContext()
	defer cancel()
	here := f.place
	here.Session = s.id
	if f.sessions.policy == refuseNew {
		return f.enterNew(ctx, uid, here)
	}
	earlier := f.live(uid)
	old, replaced, err := f.host.Directory().Set(ctx, uid, here)
	if err != nil {
		f.log.Warn("enter a login in the directory", "uid", uid, "err", err)
		return &refusedDirectory
	}
	if f.sessions.policy == allowBoth {
		return nil
	}
	// Not all others: one that logs in at this moment may have replaced us.
	for _, other := range f.sessions.of(nil, uid) {
		if other != s && (other.id == old.Session || slices.Contains(earlier, other)) {
			other.c.Close(closeReplaced())
		}
	}
	if replaced && old.Frontend != here.Frontend && f.peers.alive(old) {
		if err := f.peers.replace(ctx, old, uid); err != nil {
			f.log.Warn("close the session that a login replaced", "uid", uid, "frontend", old.Frontend, "err", err)
		}
	}
	return nil
}

// enterNew enters the uid unless a live session holds it. Holders that died with
// their frontend are cleared away.
func (f *Frontend) enterNew(ctx context.Context, uid string, here directory.Place) *refusal {
	for range 3 {
		holder, ok, err := f.host.Directory().SetNew(ctx, uid, here)
		if err == nil && !ok && !f.holds(uid, holder) {
			err = f.host.Directory().Delete(ctx, uid, holder.Session)
			if err == nil {
				continue
			}
		}
		switch {
		case err != nil:
			f.log.Warn("enter a login in the directory", "uid", uid, "err", err)
			return &refusedDirectory
		case ok:
			return nil
		default:
			return &refusedDuplicate
		}
	}
	return &refusedDuplicate
}

// holds reports whether the place may hold the uid.
func (f *Frontend) holds(uid string, p directory.Place) bool {
	if p.Frontend == f.place.Frontend {
		return p.Epoch == f.place.Epoch && f.sessions.has(uid, p.Session)
	}
	return f.peers.alive(p)
}

// leaveDirectory takes the session's entry out, if it still is its own. Another
// session of the uid here takes its place.
func (f *Frontend) leaveDirectory(uid, id string) {
	ctx, cancel := directoryContext()
	defer cancel()
	if err := f.host.Directory().Delete(ctx, uid, id); err != nil {
		f.log.Warn("take a login out of the directory", "uid", uid, "err", err)
		return
	}
	for _, other := range f.sessions.of(nil, uid) {
		if other.live() {
			here := f.place
			here.Session = other.id
			if _, _, err := f.host.Directory().SetNew(ctx, uid, here); err != nil {
				f.log.Warn("enter a login in the directory", "uid", uid, "err", err)
			}
			return
		}
	}
}
