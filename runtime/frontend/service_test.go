package frontend_test

import (
	"slices"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/wire"
)

// service returns a client of hawos.Frontend at the node.
func (n *node) service(t testing.TB) hawospb.FrontendClient {
	t.Helper()
	c, err := grpc.NewClient("passthrough:///"+n.address, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return hawospb.NewFrontendClient(c)
}

// online returns how many sessions the node itself has.
func (n *node) online(t testing.TB) int {
	t.Helper()
	got, err := n.service(t).Online(t.Context(), &hawospb.OnlineRequest{Local: true})
	if err != nil {
		t.Fatal(err)
	}
	return int(got.GetCount())
}

func TestServiceAnswersForAllFrontends(t *testing.T) {
	r := newRig(t)
	one, two := r.frontend("1", nil), r.frontend("2", nil)
	ann, bob := one.login(t, "ann"), two.login(t, "bob")
	for _, n := range []*node{one, two} {
		s := n.service(t)
		online, err := s.Online(t.Context(), &hawospb.OnlineRequest{Uids: []string{"ann", "bob", "eve"}})
		if err != nil || online.GetCount() != 2 || online.GetLoggedIn() != 2 || len(online.GetSessions()) != 2 {
			t.Errorf("Online: got %v, %v, want ann and bob", online, err)
		}
		for _, uid := range []string{"ann", "bob"} {
			got, err := s.Join(t.Context(), &hawospb.MembershipRequest{Uid: uid, Group: "room"})
			if err != nil || got.GetChanged() != 1 {
				t.Errorf("Join: got %v, %v, want 1 changed", got, err)
			}
		}
		members, err := s.Members(t.Context(), &hawospb.MembersRequest{Group: "room"})
		if err != nil || !slices.Equal(members.GetUids(), []string{"ann", "bob"}) {
			t.Errorf("Members: got %v, %v, want ann and bob", members, err)
		}
		places, err := r.directory.Frontends(t.Context(), []string{"room"})
		if err != nil || len(places[0]) != 2 {
			t.Errorf("got %v, %v, want both frontends in the directory when Join returns", places, err)
		}
		pushed, err := s.Push(t.Context(), &hawospb.PushRequest{Id: idNews, Payload: []byte("\x0a\x02hi"), Target: &hawospb.Target{Group: "room"}})
		if err != nil || pushed.GetDelivered() != 2 {
			t.Errorf("Push: got %v, %v, want 2 delivered", pushed, err)
		}
		for _, c := range []*client{ann, bob} {
			if p := c.read(); p.ID != idNews || p.Seq != 0 || string(p.Payload) != "\x0a\x02hi" {
				t.Errorf("got %+v, want the push", p)
			}
		}
		for _, uid := range []string{"ann", "bob"} {
			if got, err := s.Leave(t.Context(), &hawospb.MembershipRequest{Uid: uid, Group: "room"}); err != nil || got.GetChanged() != 1 {
				t.Errorf("Leave: got %v, %v, want 1 changed", got, err)
			}
		}
		eventually(t, "the directory knows that the room is empty", func() bool {
			places, err := r.directory.Frontends(t.Context(), []string{"room"})
			return err == nil && len(places[0]) == 0
		})
	}
	kicked, err := one.service(t).Kick(t.Context(), &hawospb.KickRequest{Uid: "bob", Reason: "spam"})
	if err != nil || kicked.GetKicked() != 1 {
		t.Errorf("Kick: got %v, %v, want 1", kicked, err)
	}
	var why hawospb.Kick
	last := bob.wantClose(wire.CloseKicked)
	if bob.decode(last, &why); last.ID != wire.IDKick || why.GetReason() != "spam" {
		t.Errorf("got %+v %v, want the Kick packet", last, &why)
	}
}

func TestServiceRefusesNonsense(t *testing.T) {
	r := newRig(t)
	s := r.frontend("1", nil).service(t)
	ctx := t.Context()
	for name, call := range map[string]func() error{
		"kick nobody":    func() error { _, err := s.Kick(ctx, &hawospb.KickRequest{}); return err },
		"join no group":  func() error { _, err := s.Join(ctx, &hawospb.MembershipRequest{Uid: "ann"}); return err },
		"push to no one": func() error { _, err := s.Push(ctx, &hawospb.PushRequest{Id: idNews}); return err },
		"push to all and one": func() error {
			_, err := s.Push(ctx, &hawospb.PushRequest{Id: idNews, Target: &hawospb.Target{Everyone: true, Uids: []string{"ann"}}})
			return err
		},
		"push a login": func() error {
			_, err := s.Push(ctx, &hawospb.PushRequest{Id: wire.IDLogin, Target: &hawospb.Target{Everyone: true}})
			return err
		},
	} {
		if err := call(); status.Code(err) != codes.InvalidArgument {
			t.Errorf("%s: got %v, want InvalidArgument", name, err)
		}
	}
}
