package config

import (
	"cmp"
	"context"
	"crypto/subtle"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/httpapi"
	"github.com/hawos/hawos/runtime/mode"
	"github.com/hawos/hawos/runtime/registry"
	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
)

// operator lets f be called by operators alone: in release mode, by who knows
// the token that the project's services share; elsewhere by everybody.
func operator[In, Out any](s *Service, f func(context.Context, *In) (*Out, error)) func(context.Context, *In) (*Out, error) {
	return func(ctx context.Context, in *In) (*Out, error) {
		got := httpapi.Request(ctx).Header.Get("Authorization")
		want := "Bearer " + s.config.RPC.Token
		if s.config.Mode == mode.Release && subtle.ConstantTimeCompare([]byte(got), []byte(want)) != 1 {
			return nil, errcode.New(codes.PermissionDenied, "only operators may call this: Authorization must be Bearer and rpc.token")
		}
		return f(ctx, in)
	}
}

// chats calls a function for each ready instance of a service.
type chats func(ctx context.Context, appName string, f func(context.Context, registry.Instance, *grpc.ClientConn) error) error

// Online tells which of the uids are online, and how many are.
func (s *Service) Online(ctx context.Context, in *hawospb.OnlineRequest) (*hawospb.OnlineReply, error) {
	return s.frontend.Online(ctx, &hawospb.OnlineRequest{Uids: in.GetUids()})
}

// Kick ends the sessions of a user.
func (s *Service) Kick(ctx context.Context, in *hawospb.KickRequest) (*hawospb.KickReply, error) {
	return s.frontend.Kick(ctx, &hawospb.KickRequest{Uid: in.GetUid(), Reason: in.GetReason()})
}

// PushRequest is an announcement to a room, or to one user.
type PushRequest struct {
	Room string `json:"room"`
	UID  string `json:"uid"`
	Text string `json:"text"`
}

// Push sends an announcement past the queue: to who is connected now, and into
// no history. It shows how another service than chat pushes.
func (s *Service) Push(ctx context.Context, in *PushRequest) (*hawospb.PushReply, error) {
	if (in.Room == "") == (in.UID == "") || in.Text == "" {
		return nil, errcode.New(codes.InvalidArgument, "push wants a text, and either a room or a uid")
	}
	m := &chatv1.Message{
		Id: time.Now().UnixMicro(), Room: in.Room, Uid: "operator", Text: in.Text, SentMs: time.Now().UnixMilli(),
	}
	id, target, payload := chatv1.PostedID, &hawospb.Target{Group: "room:" + in.Room}, proto.Message(&chatv1.Posted{Message: m})
	if in.UID != "" {
		id, target, payload = chatv1.PrivatePostedID, &hawospb.Target{Uids: []string{in.UID}}, &chatv1.PrivatePosted{Message: m}
	}
	bytes, err := proto.Marshal(payload)
	if err != nil {
		return nil, err
	}
	return s.frontend.Push(ctx, &hawospb.PushRequest{Id: id, Payload: bytes, Target: target})
}

// StatsRequest asks for nothing in particular.
type StatsRequest struct{}

// StatsReply holds what each instance of chat has done.
type StatsReply struct {
	Chats  []Chat   `json:"chats"`
	Silent []string `json:"silent"` // instances that did not answer
}

// Chat is what one instance of chat has done.
type Chat struct {
	Instance string `json:"instance"`
	Sessions uint32 `json:"sessions"`
	Messages uint64 `json:"messages"`
	Rooms    uint32 `json:"rooms"` // over all instances
}

// statsTimeout is how long an instance may take to answer.
const statsTimeout = 2 * time.Second

// Stats asks every instance of chat, by gRPC. One that does not answer, for it
// crashed a moment ago, keeps nobody from seeing the others.
func (s *Service) Stats(ctx context.Context, _ *StatsRequest) (*StatsReply, error) {
	var mu sync.Mutex
	reply := &StatsReply{Chats: []Chat{}, Silent: []string{}}
	ctx, cancel := context.WithTimeout(ctx, statsTimeout)
	defer cancel()
	err := s.chats(ctx, chatv1.ChatApp, func(ctx context.Context, i registry.Instance, c *grpc.ClientConn) error {
		got, err := chatv1.NewChatClient(c).Stats(ctx, &chatv1.StatsRequest{})
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			reply.Silent = append(reply.Silent, i.ID)
			return nil
		}
		reply.Chats = append(reply.Chats, Chat{
			Instance: got.GetInstance(), Sessions: got.GetSessions(), Messages: got.GetMessages(), Rooms: got.GetRooms(),
		})
		return nil
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(reply.Chats, func(a, b Chat) int { return cmp.Compare(a.Instance, b.Instance) })
	return reply, nil
}
