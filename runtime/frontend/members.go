package frontend

import (
	"context"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// up returns an error while the frontend has not started.
func (f *Frontend) up() error {
	if !f.serving.Load() {
		return status.Error(codes.Unavailable, "the frontend has not started")
	}
	return nil
}

// live reports whether the session is logged in and not closing.
func (s *session) live() bool { return s.ready.Load() && s.c.CloseCode() == 0 }

// live returns the sessions of the uids that are logged in and not closing.
func (f *Frontend) live(uids ...string) []*session {
	var list []*session
	for _, uid := range uids {
		for _, s := range f.sessions.of(nil, uid) {
			if s.live() {
				list = append(list, s)
			}
		}
	}
	return list
}

// member makes the session join or leave the group and reports whether that
// changed anything.
func (f *Frontend) member(s *session, group string, leave bool) bool {
	if !leave {
		joined, _ := f.groups.Join(s, &s.groups, group)
		return joined
	}
	left, last := f.groups.Leave(&s.groups, group)
	if last {
		f.keeper.Changed(group)
	}
	return left
}

// recorded waits until the directory knows that the group has members here.
func (f *Frontend) recorded(ctx context.Context, group string) error {
	if f.keeper.Knows(group) {
		return nil
	}
	done := make(chan error, 1)
	f.keeper.Ensure([]string{group}, func(err error) { done <- err })
	select {
	case err := <-done:
		if err != nil {
			return status.Error(codes.Unavailable, "group membership could not be recorded")
		}
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
