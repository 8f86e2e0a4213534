package chat

import (
	"context"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/session"
	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
	"github.com/hawos/hawos/sample/internal/rooms"
)

// caller returns who sent the request. Another service that calls by plain gRPC
// is nobody who could be in a room.
func caller(ctx context.Context) (rooms.Member, error) {
	from, ok := session.From(ctx)
	if !ok || from.UID == "" {
		return rooms.Member{}, errcode.New(codes.Unauthenticated, "only clients that are logged in may call this")
	}
	return rooms.Member{UID: from.UID, Session: from.ID}, nil
}

// unavailable is the answer where Redis, the queue or a frontend cannot be
// reached.
func unavailable(cause error) error {
	return errcode.New(codes.Unavailable, "chat is not available at the moment").Retry(time.Second).Because(cause)
}

// group is the name of the group that a room's members are in.
func group(room string) string { return "room:" + room }

// errBadRoom tells the rule.
var errBadRoom = chatv1.ErrBadRoom.Textf("a room's name has 1 to 32 of a-z, 0-9 and -, and does not begin with -")

// isRoom reports whether name may be that of a room.
func isRoom(name string) bool {
	if len(name) == 0 || len(name) > 32 || name[0] == '-' {
		return false
	}
	for _, c := range []byte(name) {
		if (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' {
			return false
		}
	}
	return true
}
