package rooms_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
	"github.com/hawos/hawos/sample/internal/rooms"
)

func TestLimitsOfRoomAndSession(t *testing.T) {
	s := open(t, rooms.Limits{Members: 2, Rooms: 2, History: 50})
	join(t, s, "a", "ann", "s1")
	join(t, s, "a", "bob", "s2")
	if _, _, err := s.Join(t.Context(), "a", rooms.Member{UID: "cat", Session: "s3"}); !errors.Is(err, rooms.ErrFull) {
		t.Errorf("third member of two: got %v, want %v", err, rooms.ErrFull)
	}
	if n, isNew, err := s.Join(t.Context(), "a", rooms.Member{UID: "ann", Session: "s1"}); n != 2 || isNew || err != nil {
		t.Errorf("joining a full room again: got %d, %v, %v, want 2, false, nil", n, isNew, err)
	}
	join(t, s, "b", "ann", "s1")
	if _, _, err := s.Join(t.Context(), "c", rooms.Member{UID: "ann", Session: "s1"}); !errors.Is(err, rooms.ErrTooMany) {
		t.Errorf("third room of two: got %v, want %v", err, rooms.ErrTooMany)
	}
}

// A user whose connection broke is back before the end of the old session is
// noticed: that end must not take the new session out of the room.
func TestOldSessionsEndLeavesNewOneIn(t *testing.T) {
	s := open(t, rooms.Limits{Members: 9, Rooms: 9, History: 50})
	join(t, s, "a", "ann", "old")
	join(t, s, "b", "ann", "old")
	if _, isNew, err := s.Join(t.Context(), "a", rooms.Member{UID: "ann", Session: "new"}); isNew || err != nil {
		t.Fatalf("join with a second session: got new %v, %v, want false, nil", isNew, err)
	}
	left, err := s.Close(t.Context(), rooms.Member{UID: "ann", Session: "old"})
	if err != nil || !slices.Equal(left, []string{"b"}) {
		t.Errorf("close of the old session: got %v, %v, want [b], nil", left, err)
	}
	if err := s.Check(t.Context(), "a", rooms.Member{UID: "ann", Session: "new"}); err != nil {
		t.Errorf("new session: got %v, want it in the room", err)
	}
	if err := s.Check(t.Context(), "a", rooms.Member{UID: "ann", Session: "old"}); !errors.Is(err, rooms.ErrNotMember) {
		t.Errorf("old session: got %v, want %v", err, rooms.ErrNotMember)
	}
}

// Every instance of chat hears of every session that closes.
func TestCloseByManyReturnsEachRoomOnce(t *testing.T) {
	s := open(t, rooms.Limits{Members: 9, Rooms: 9, History: 50})
	for _, room := range []string{"a", "b", "c"} {
		join(t, s, room, "ann", "s1")
	}
	var left atomic.Int32
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			got, err := s.Close(context.WithoutCancel(t.Context()), rooms.Member{UID: "ann", Session: "s1"})
			if err != nil {
				t.Error(err)
			}
			left.Add(int32(len(got)))
		})
	}
	wg.Wait()
	if left.Load() != 3 {
		t.Errorf("rooms returned by four calls: got %d, want 3", left.Load())
	}
	if n, err := s.Count(t.Context()); n != 0 || err != nil {
		t.Errorf("rooms afterwards: got %d, %v, want 0", n, err)
	}
}

func TestHistoryKeepsLastMessagesInOrder(t *testing.T) {
	s := open(t, rooms.Limits{Members: 9, Rooms: 9, History: 50})
	join(t, s, "a", "ann", "s1")
	for i := range 60 {
		m := &chatv1.Message{Id: int64(i), Room: "a", Uid: "ann", Text: fmt.Sprint("text ", i)}
		if err := s.Append(t.Context(), "s1", m); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.History(t.Context(), "a")
	if err != nil || len(got) != 50 {
		t.Fatalf("got %d messages, %v, want 50", len(got), err)
	}
	for i, m := range got {
		if m.GetId() != int64(i+10) || m.GetText() != fmt.Sprint("text ", i+10) {
			t.Fatalf("message %d: got %v, want id %d", i, m, i+10)
		}
	}
	err = s.Append(t.Context(), "s2", &chatv1.Message{Room: "a", Uid: "ann"})
	if !errors.Is(err, rooms.ErrNotMember) {
		t.Errorf("message of a session that is not there: got %v, want %v", err, rooms.ErrNotMember)
	}
}

func TestListIsFullestFirst(t *testing.T) {
	s := open(t, rooms.Limits{Members: 9, Rooms: 9, History: 50})
	join(t, s, "small", "ann", "s1")
	join(t, s, "big", "ann", "s1")
	join(t, s, "big", "bob", "s2")
	got, err := s.List(t.Context(), 50)
	if err != nil || len(got) != 2 || got[0].GetName() != "big" || got[0].GetMembers() != 2 || got[1].GetName() != "small" {
		t.Errorf("got %v, %v, want big with 2, then small", got, err)
	}
	members, err := s.Members(t.Context(), "big")
	want := []rooms.Member{{UID: "ann", Session: "s1"}, {UID: "bob", Session: "s2"}}
	if err != nil || !slices.Equal(members, want) {
		t.Errorf("members: got %v, %v, want %v", members, err, want)
	}
}

func open(t *testing.T, l rooms.Limits) *rooms.Store {
	t.Helper()
	db := redis.NewClient(&redis.Options{Addr: miniredis.RunT(t).Addr()})
	t.Cleanup(func() { _ = db.Close() })
	return rooms.New(db, "test", l)
}

func join(t *testing.T, s *rooms.Store, room, uid, session string) {
	t.Helper()
	if _, isNew, err := s.Join(t.Context(), room, rooms.Member{UID: uid, Session: session}); !isNew || err != nil {
		t.Fatalf("%s joins %s: got new %v, %v, want true, nil", uid, room, isNew, err)
	}
}
