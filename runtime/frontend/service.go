package frontend

import (
	"context"
	"slices"
	"sync"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/hawos/hawos/runtime/hawospb"
	sess "github.com/hawos/hawos/runtime/session"
	"github.com/hawos/hawos/runtime/wire"
)

// service is hawos.Frontend: it answers for this frontend and, unless the request
// says local, asks all others.
type service struct {
	hawospb.UnimplementedFrontendServer
	f *Frontend
}

// Online implements hawospb.FrontendServer.
func (v *service) Online(ctx context.Context, in *hawospb.OnlineRequest) (*hawospb.OnlineReply, error) {
	if err := v.f.up(); err != nil {
		return nil, err
	}
	out := &hawospb.OnlineReply{
		Count:    uint32(v.f.sessions.open.Load()),
		LoggedIn: uint32(v.f.sessions.logins.Load()),
	}
	for _, s := range v.f.live(in.GetUids()...) {
		out.Sessions = append(out.Sessions, &hawospb.OnlineSession{
			Uid: s.uid(), SessionId: s.id, Frontend: v.f.place.Frontend, OpenedMs: s.opened.UnixMilli(),
		})
	}
	if in.GetLocal() {
		return out, nil
	}
	var mu sync.Mutex
	err := v.f.peers.each(ctx, func(ctx context.Context, c hawospb.FrontendClient) error {
		got, err := c.Online(ctx, &hawospb.OnlineRequest{Uids: in.GetUids(), Local: true})
		mu.Lock()
		defer mu.Unlock()
		out.Count += got.GetCount()
		out.LoggedIn += got.GetLoggedIn()
		out.Sessions = append(out.Sessions, got.GetSessions()...)
		return err
	})
	return out, err
}

// Kick implements hawospb.FrontendServer.
func (v *service) Kick(ctx context.Context, in *hawospb.KickRequest) (*hawospb.KickReply, error) {
	if in.GetUid() == "" {
		return nil, status.Error(codes.InvalidArgument, "uid is empty")
	}
	if err := v.f.up(); err != nil {
		return nil, err
	}
	out := &hawospb.KickReply{}
	for _, s := range v.f.sessions.of(nil, in.GetUid()) { // also one that is about to log in
		if in.GetSession() == "" {
			s.reply(wire.IDKick, 0, &hawospb.Kick{Reason: in.GetReason()})
			if s.c.Close(wire.CloseKicked, in.GetReason()) {
				out.Kicked++
			}
		} else if in.GetSession() == s.id && s.c.Close(closeReplaced()) {
			out.Kicked++
		}
	}
	return out, v.forward(ctx, in.GetLocal(), &out.Kicked, func(ctx context.Context, c hawospb.FrontendClient) (uint32, error) {
		got, err := c.Kick(ctx, &hawospb.KickRequest{Uid: in.GetUid(), Reason: in.GetReason(), Session: in.GetSession(), Local: true})
		return got.GetKicked(), err
	})
}

// Push implements hawospb.FrontendServer.
func (v *service) Push(ctx context.Context, in *hawospb.PushRequest) (*hawospb.PushReply, error) {
	if err := checkPush(in); err != nil {
		return nil, err
	}
	if err := v.f.up(); err != nil {
		return nil, err
	}
	target := in.GetTarget()
	slices.Sort(target.Uids)
	target.Uids = slices.Compact(target.Uids)
	e := &hawospb.Envelope{
		Id: in.GetId(), Payload: in.GetPayload(), Target: target, Class: in.GetClass(), Key: in.GetKey(), ExpiresAtMs: in.GetExpiresAtMs(),
	}
	out := &hawospb.PushReply{}
	if !expired(e) {
		n, _ := v.f.handOut(e) // the others are asked below
		out.Delivered = uint32(n)
	}
	return out, v.forward(ctx, in.GetLocal(), &out.Delivered, func(ctx context.Context, c hawospb.FrontendClient) (uint32, error) {
		got, err := c.Push(ctx, &hawospb.PushRequest{
			Id: in.GetId(), Payload: in.GetPayload(), Target: target, Class: in.GetClass(), Key: in.GetKey(), ExpiresAtMs: in.GetExpiresAtMs(), Local: true,
		})
		return got.GetDelivered(), err
	})
}

func checkPush(in *hawospb.PushRequest) error {
	t, targets := in.GetTarget(), 0
	for _, set := range []bool{t.GetGroup() != "", len(t.GetUids()) > 0, t.GetEveryone()} {
		if set {
			targets++
		}
	}
	switch {
	case targets != 1:
		return status.Error(codes.InvalidArgument, "target must be one of group, uids and everyone")
	case in.GetId() < wire.FirstID && in.GetId() != wire.IDNotice:
		return status.Errorf(codes.InvalidArgument, "id %d is none of a push", in.GetId())
	}
	return nil
}

// Join implements hawospb.FrontendServer.
func (v *service) Join(ctx context.Context, in *hawospb.MembershipRequest) (*hawospb.MembershipReply, error) {
	return v.membership(ctx, in, false, hawospb.FrontendClient.Join)
}

// Leave implements hawospb.FrontendServer.
func (v *service) Leave(ctx context.Context, in *hawospb.MembershipRequest) (*hawospb.MembershipReply, error) {
	return v.membership(ctx, in, true, hawospb.FrontendClient.Leave)
}

// Members implements hawospb.FrontendServer.
func (v *service) Members(ctx context.Context, in *hawospb.MembersRequest) (*hawospb.MembersReply, error) {
	if err := v.f.up(); err != nil {
		return nil, err
	}
	out := &hawospb.MembersReply{}
	for _, s := range v.f.groups.Append(nil, in.GetGroup()) {
		if uid := s.uid(); uid != "" {
			out.Uids = append(out.Uids, uid)
		}
	}
	var err error
	if !in.GetLocal() {
		var mu sync.Mutex
		err = v.f.peers.each(ctx, func(ctx context.Context, c hawospb.FrontendClient) error {
			got, err := c.Members(ctx, &hawospb.MembersRequest{Group: in.GetGroup(), Local: true})
			mu.Lock()
			defer mu.Unlock()
			out.Uids = append(out.Uids, got.GetUids()...)
			return err
		})
	}
	slices.Sort(out.Uids)
	out.Uids = slices.Compact(out.Uids)
	return out, err
}

type membershipCall func(hawospb.FrontendClient, context.Context, *hawospb.MembershipRequest, ...grpc.CallOption) (*hawospb.MembershipReply, error)

// membership changes the groups of a uid's sessions, and returns when the
// directory knows.
func (v *service) membership(ctx context.Context, in *hawospb.MembershipRequest, leave bool, call membershipCall) (*hawospb.MembershipReply, error) {
	if in.GetUid() == "" || in.GetGroup() == "" || len(in.GetGroup()) > sess.MaxGroup {
		return nil, status.Errorf(codes.InvalidArgument, "uid is empty, or the group's name has not 1 to %d bytes", sess.MaxGroup)
	}
	if err := v.f.up(); err != nil {
		return nil, err
	}
	out := &hawospb.MembershipReply{}
	for _, s := range v.f.live(in.GetUid()) {
		if v.f.member(s, in.GetGroup(), leave) {
			out.Changed++
		}
	}
	if !leave && out.Changed > 0 {
		if err := v.f.recorded(ctx, in.GetGroup()); err != nil {
			return nil, err
		}
	}
	return out, v.forward(ctx, in.GetLocal(), &out.Changed, func(ctx context.Context, c hawospb.FrontendClient) (uint32, error) {
		got, err := call(c, ctx, &hawospb.MembershipRequest{Uid: in.GetUid(), Group: in.GetGroup(), Local: true})
		return got.GetChanged(), err
	})
}

// forward asks the other frontends and adds up what they answer.
func (v *service) forward(ctx context.Context, local bool, sum *uint32, call func(context.Context, hawospb.FrontendClient) (uint32, error)) error {
	if local {
		return nil
	}
	var mu sync.Mutex
	return v.f.peers.each(ctx, func(ctx context.Context, c hawospb.FrontendClient) error {
		n, err := call(ctx, c)
		mu.Lock()
		defer mu.Unlock()
		*sum += n
		return err
	})
}
