package chat

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/sensitive"
	"github.com/hawos/hawos/runtime/session"
	"github.com/hawos/hawos/runtime/uuid"
	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
	"github.com/hawos/hawos/sample/internal/rooms"
)

// world is a service with Redis in this process, and what it pushed.
type world struct {
	*Service
	pushes pushes
	online frontend
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
	t.Cleanup(func() { _ = db.Close() })
	words, err := sensitive.New("bad")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{online: frontend{uids: []string{"ann", "bob", "cat"}}}
	w.Service = &Service{
		instance: "chat-1", push: &w.pushes, log: slog.New(slog.DiscardHandler), ids: uuid.New(new(uuid.Memory), 0), words: words,
		rooms:    rooms.New(db, "test", rooms.Limits{Members: 2, Rooms: 2, History: maxHistory}),
		frontend: &w.online,
	}
	return w
}

// as returns the context of a request of uid's session, and its call.
func as(t *testing.T, uid string) (context.Context, *session.Call) {
	t.Helper()
	c := &session.Call{Session: session.Session{ID: "session of " + uid, UID: uid}}
	return session.NewContext(t.Context(), c), c
}

func (w *world) join(t *testing.T, room, uid string) {
	t.Helper()
	ctx, _ := as(t, uid)
	if _, err := w.Join(ctx, &chatv1.JoinRequest{Room: room}); err != nil {
		t.Fatalf("%s joins %s: %v", uid, room, err)
	}
}

func TestJoinEntersGroupAndTellsOthers(t *testing.T) {
	w := newWorld(t)
	w.join(t, "a", "ann")
	ctx, call := as(t, "bob")
	reply, err := w.Join(ctx, &chatv1.JoinRequest{Room: "a"})
	if err != nil || reply.GetMembers() != 2 {
		t.Fatalf("got %v, %v, want 2 members", reply, err)
	}
	if got := call.Changes(); !slices.Equal(got, []session.Change{{Group: "room:a"}}) {
		t.Errorf("groups: got %v, want room:a", got)
	}
	w.join(t, "a", "bob") // again: nobody is told
	want := []push.Message{
		{ID: chatv1.JoinedID, To: push.Group("room:a").Except("ann"), Payload: &chatv1.Joined{Room: "a", Uid: "ann"}},
		{ID: chatv1.JoinedID, To: push.Group("room:a").Except("bob"), Payload: &chatv1.Joined{Room: "a", Uid: "bob"}},
	}
	w.pushes.check(t, want)
}

func TestSendReachesHistoryAndGroup(t *testing.T) {
	w := newWorld(t)
	w.join(t, "a", "ann")
	w.pushes.sent = nil
	ctx, _ := as(t, "ann")
	for i := range 2 {
		in := &chatv1.SendRequest{Room: "a", Text: fmt.Sprintf(" a bad word %d ", i), Nonce: uint64(7 + i)}
		if _, err := w.Send(ctx, in); err != nil {
			t.Fatal(err)
		}
	}
	history, err := w.History(ctx, &chatv1.HistoryRequest{Room: "a"})
	if err != nil || len(history.GetMessages()) != 2 {
		t.Fatalf("history: got %v, %v, want 2 messages", history, err)
	}
	var want []push.Message
	for i, m := range history.GetMessages() {
		if m.GetText() != fmt.Sprintf("a *** word %d", i) || m.GetUid() != "ann" || m.GetNonce() != uint64(7+i) || m.GetSentMs() == 0 {
			t.Errorf("message %d: got %v", i, m)
		}
		want = append(want, push.Message{ID: chatv1.PostedID, To: push.Group("room:a"), Payload: &chatv1.Posted{Message: m}})
	}
	w.pushes.check(t, want)
}

func TestRefusals(t *testing.T) {
	w := newWorld(t)
	w.join(t, "full", "ann")
	w.join(t, "full", "bob")
	w.join(t, "second", "ann")
	for _, c := range []struct {
		name string
		uid  string
		do   func(context.Context) error
		want *errcode.Error
	}{
		{"room full", "cat", func(ctx context.Context) error { return second(w.Join(ctx, &chatv1.JoinRequest{Room: "full"})) }, chatv1.ErrRoomFull},
		{"too many rooms", "ann", func(ctx context.Context) error { return second(w.Join(ctx, &chatv1.JoinRequest{Room: "third"})) }, chatv1.ErrTooManyRooms},
		{"room without a name", "cat", func(ctx context.Context) error { return second(w.Join(ctx, &chatv1.JoinRequest{})) }, chatv1.ErrBadRoom},
		{"room with a long name", "cat", func(ctx context.Context) error {
			return second(w.Join(ctx, &chatv1.JoinRequest{Room: strings.Repeat("a", 33)}))
		}, chatv1.ErrBadRoom},
		{"room with a space", "cat", func(ctx context.Context) error { return second(w.Leave(ctx, &chatv1.LeaveRequest{Room: "a b"})) }, chatv1.ErrBadRoom},
		{"not a member", "cat", func(ctx context.Context) error {
			return second(w.Send(ctx, &chatv1.SendRequest{Room: "full", Text: "x"}))
		}, chatv1.ErrNotAMember},
		{"history of others", "cat", func(ctx context.Context) error { return second(w.History(ctx, &chatv1.HistoryRequest{Room: "full"})) }, chatv1.ErrNotAMember},
		{"members of others", "cat", func(ctx context.Context) error { return second(w.Members(ctx, &chatv1.MembersRequest{Room: "full"})) }, chatv1.ErrNotAMember},
		{"no text", "ann", func(ctx context.Context) error {
			return second(w.Send(ctx, &chatv1.SendRequest{Room: "full", Text: " \n"}))
		}, chatv1.ErrTextEmpty},
		{"text too long", "ann", func(ctx context.Context) error {
			return second(w.Send(ctx, &chatv1.SendRequest{Room: "full", Text: strings.Repeat("ä", maxText+1)}))
		}, chatv1.ErrTextTooLong},
		{"nobody there", "ann", func(ctx context.Context) error {
			return second(w.Private(ctx, &chatv1.PrivateRequest{Uid: "zoe", Text: "x"}))
		}, chatv1.ErrUserOffline},
		{"not logged in", "", func(ctx context.Context) error {
			return second(w.Send(ctx, &chatv1.SendRequest{Room: "full", Text: "x"}))
		}, errcode.New(codes.Unauthenticated, "")},
	} {
		t.Run(c.name, func(t *testing.T) {
			ctx, call := as(t, c.uid)
			if err := c.do(ctx); !errors.Is(err, c.want) {
				t.Errorf("got %v, want %v", err, c.want)
			}
			if got := call.Changes(); len(got) != 0 {
				t.Errorf("refused, but the groups change: %v", got)
			}
		})
	}
}

func TestLongestTextIsTaken(t *testing.T) {
	w := newWorld(t)
	w.join(t, "a", "ann")
	ctx, _ := as(t, "ann")
	if _, err := w.Send(ctx, &chatv1.SendRequest{Room: "a", Text: strings.Repeat("ä", maxText)}); err != nil {
		t.Error(err)
	}
}

func TestPrivateReachesRecipientAlone(t *testing.T) {
	w := newWorld(t)
	ctx, _ := as(t, "ann")
	reply, err := w.Private(ctx, &chatv1.PrivateRequest{Uid: "bob", Text: "a bad secret", Nonce: 3})
	if err != nil || reply.GetMessage().GetText() != "a *** secret" {
		t.Fatalf("got %v, %v", reply, err)
	}
	w.pushes.check(t, []push.Message{
		{ID: chatv1.PrivatePostedID, To: push.UIDs("bob"), Payload: &chatv1.PrivatePosted{Message: reply.GetMessage()}},
	})
}

func TestClosedSessionLeavesItsRooms(t *testing.T) {
	w := newWorld(t)
	w.join(t, "a", "ann")
	w.join(t, "a", "bob")
	w.pushes.sent = nil
	s := session.Session{ID: "session of ann", UID: "ann"}
	w.SessionOpened(t.Context(), s)
	w.SessionClosed(t.Context(), s, "gone")
	w.SessionClosed(t.Context(), s, "gone") // events come at least once
	w.pushes.check(t, []push.Message{
		{ID: chatv1.LeftID, To: push.Group("room:a").Except("ann"), Payload: &chatv1.Left{Room: "a", Uid: "ann"}},
	})
	ctx, _ := as(t, "bob")
	reply, err := w.Members(ctx, &chatv1.MembersRequest{Room: "a"})
	if err != nil || !slices.Equal(reply.GetUids(), []string{"bob"}) {
		t.Errorf("members: got %v, %v, want bob", reply, err)
	}
}

// Nobody heard how ann's session ended, for no chat was alive then.
func TestMembersThatAreGoneMakeRoom(t *testing.T) {
	w := newWorld(t)
	w.join(t, "a", "ann")
	w.join(t, "a", "bob")
	w.online.uids = []string{"bob", "cat"}
	ctx, _ := as(t, "bob")
	reply, err := w.Members(ctx, &chatv1.MembersRequest{Room: "a"})
	if err != nil || !slices.Equal(reply.GetUids(), []string{"bob"}) {
		t.Errorf("members: got %v, %v, want bob", reply, err)
	}
	w.online.uids = []string{"cat"}
	w.join(t, "a", "cat")
	w.join(t, "a", "ann") // in the place of bob
}

func TestPushThatFailsIsTold(t *testing.T) {
	w := newWorld(t)
	w.join(t, "a", "ann")
	w.pushes.err = errors.New("queue away")
	ctx, _ := as(t, "ann")
	_, err := w.Send(ctx, &chatv1.SendRequest{Room: "a", Text: "x"})
	if e := errcode.From(err); e == nil || e.Code() != uint32(codes.Unavailable) || !e.Retryable() {
		t.Errorf("got %v, want a retryable UNAVAILABLE", err)
	}
	ctx, _ = as(t, "bob")
	if _, err := w.Join(ctx, &chatv1.JoinRequest{Room: "a"}); err != nil {
		t.Errorf("join, whose notice alone was not pushed: got %v, want none", err)
	}
}

func TestStatsCountThisInstance(t *testing.T) {
	w := newWorld(t)
	w.join(t, "a", "ann")
	w.SessionOpened(t.Context(), session.Session{ID: "1"})
	w.SessionOpened(t.Context(), session.Session{ID: "1"})
	w.SessionOpened(t.Context(), session.Session{ID: "2"})
	ctx, _ := as(t, "ann")
	if _, err := w.Send(ctx, &chatv1.SendRequest{Room: "a", Text: "x"}); err != nil {
		t.Fatal(err)
	}
	got, err := w.Stats(t.Context(), &chatv1.StatsRequest{})
	want := &chatv1.StatsReply{Instance: "chat-1", Sessions: 2, Messages: 1, Rooms: 1}
	if err != nil || !proto.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
}

func second[T any](_ T, err error) error { return err }

// pushes keeps what was sent.
type pushes struct {
	mu   sync.Mutex
	sent []push.Message
	err  error
}

func (p *pushes) Send(_ context.Context, m push.Message) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.err == nil {
		p.sent = append(p.sent, m)
	}
	return p.err
}

// check compares IDs, targets and payloads.
func (p *pushes) check(t *testing.T, want []push.Message) {
	t.Helper()
	text := func(ms []push.Message) string {
		var lines []string
		for _, m := range ms {
			lines = append(lines, fmt.Sprintf("%d to %+v: %v", m.ID, m.To, m.Payload))
		}
		return strings.Join(lines, "\n")
	}
	if got, want := text(p.sent), text(want); got != want {
		t.Errorf("pushed:\n%s\nwant:\n%s", got, want)
	}
}

// frontend knows who is online.
type frontend struct {
	hawospb.FrontendClient
	uids []string
}

func (f *frontend) Online(_ context.Context, in *hawospb.OnlineRequest, _ ...grpc.CallOption) (*hawospb.OnlineReply, error) {
	reply := &hawospb.OnlineReply{}
	for _, uid := range in.GetUids() {
		if slices.Contains(f.uids, uid) {
			reply.Sessions = append(reply.Sessions, &hawospb.OnlineSession{Uid: uid})
		}
	}
	return reply, nil
}
