package config

import (
	"context"
	"crypto/subtle"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/httpapi"
	"github.com/hawos/hawos/runtime/mode"
)

// operator lets f be called by operators alone: in release mode by who knows
// rpc.token, elsewhere by everybody.
func operator[In, Out any](s *Service, f func(context.Context, *In) (*Out, error)) func(context.Context, *In) (*Out, error) {
	return func(ctx context.Context, in *In) (*Out, error) {
		got := httpapi.Request(ctx).Header.Get("Authorization")
		want := "Bearer " + s.config.RPC.Token
		if s.config.Mode == mode.Release && subtle.ConstantTimeCompare([]byte(got), []byte(want)) != 1 {
			return nil, errcode.New(uint32(codes.PermissionDenied), "only operators may call this: Authorization must be Bearer and rpc.token")
		}
		return f(ctx, in)
	}
}

// Online tells which of the uids are online, and how many sessions there are.
func (s *Service) Online(ctx context.Context, in *hawospb.OnlineRequest) (*hawospb.OnlineReply, error) {
	return s.frontend.Online(ctx, &hawospb.OnlineRequest{Uids: in.GetUids()})
}

// Kick ends the sessions of a user.
func (s *Service) Kick(ctx context.Context, in *hawospb.KickRequest) (*hawospb.KickReply, error) {
	return s.frontend.Kick(ctx, &hawospb.KickRequest{Uid: in.GetUid(), Reason: in.GetReason()})
}

// PushRequest is a notice to some users, or to everyone.
type PushRequest struct {
	UIDs     []string `json:"uids"`
	Everyone bool     `json:"everyone"`
	Text     string   `json:"text"`
}

// Push sends a notice, protocol ID 4, to who is connected now.
func (s *Service) Push(ctx context.Context, in *PushRequest) (*hawospb.PushReply, error) {
	if in.Text == "" || (len(in.UIDs) > 0) == in.Everyone {
		return nil, errcode.New(uint32(codes.InvalidArgument), "push wants a text, and either uids or everyone")
	}
	notice, err := proto.Marshal(&hawospb.Notice{Text: in.Text})
	if err != nil {
		return nil, err
	}
	return s.frontend.Push(ctx, &hawospb.PushRequest{
		Id: uint32(hawospb.ReservedID_NOTICE), Payload: notice,
		Target: &hawospb.Target{Uids: in.UIDs, Everyone: in.Everyone},
	})
}
