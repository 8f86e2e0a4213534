package rpc

import (
	"context"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/session"
)

// sessionKey is where a client's session travels: an encoded hawos.SessionInfo.
const sessionKey = "hawos-session-bin"

// traceKey is where the W3C trace context of the client's request travels.
const traceKey = "hawos-trace-bin"

// sendSession attaches the session that ctx carries, if any, to the call.
func sendSession(ctx context.Context) context.Context {
	s, ok := session.From(ctx)
	if !ok {
		return ctx
	}
	b, err := proto.Marshal(&hawospb.SessionInfo{Id: s.ID, Uid: s.UID, Frontend: s.Frontend, Remote: s.Remote,
		OpenedMs: s.Opened.UnixMilli(), Json: s.JSON})
	if err != nil {
		return ctx // a field that is not UTF-8; the call goes without a session
	}
	ctx = metadata.AppendToOutgoingContext(ctx, sessionKey, string(b))
	if trace := session.Trace(ctx); trace != nil {
		ctx = metadata.AppendToOutgoingContext(ctx, traceKey, string(trace))
	}
	return ctx
}

// receiveSession makes session.From find what a trusted caller attached.
func receiveSession(ctx context.Context) (context.Context, error) {
	given := metadata.ValueFromIncomingContext(ctx, sessionKey)
	if len(given) == 0 {
		return ctx, nil
	}
	var i hawospb.SessionInfo
	if err := proto.Unmarshal([]byte(given[0]), &i); err != nil {
		return ctx, status.Error(codes.InvalidArgument, "the call's session cannot be decoded")
	}
	var trace []byte
	if carried := metadata.ValueFromIncomingContext(ctx, traceKey); len(carried) > 0 {
		trace = []byte(carried[0])
	}
	return session.NewContext(ctx, &session.Call{Forwarded: true, Trace: trace, Session: session.Session{
		ID: i.GetId(), UID: i.GetUid(), Frontend: i.GetFrontend(), Remote: i.GetRemote(),
		Opened: time.UnixMilli(i.GetOpenedMs()), JSON: i.GetJson(),
	}}), nil
}
