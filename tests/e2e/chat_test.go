package e2e_test

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"

	"github.com/hawos/hawos/runtime/wsc"
	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
)

// Users of several rooms talk at once, over two frontends and two chats: each
// hears its own room, every message once, each sender in order.
func TestPushesReachTheirRoomAloneOnceAndInOrder(t *testing.T) {
	for _, queue := range []string{"kafka", "nsq"} {
		t.Run(queue, func(t *testing.T) {
			const rooms, perRoom, messages = 4, 4, 15
			w := newWorld(t, options{queue: queue})
			frontends, _ := w.chats()
			var users [rooms][perRoom]*user
			var wg sync.WaitGroup
			for r := range rooms {
				for n := range perRoom {
					users[r][n] = connect(t, frontends[n%2], fmt.Sprintf("u%d-%d", r, n))
					users[r][n].join(fmt.Sprintf("room-%d", r))
				}
			}
			for r := range rooms {
				for _, u := range users[r] {
					wg.Go(func() {
						for i := range messages {
							if _, err := u.chat.Send(t.Context(), &chatv1.SendRequest{Room: fmt.Sprintf("room-%d", r), Text: fmt.Sprint(i)}); err != nil {
								t.Errorf("%s sends: %v", u.uid, err)
							}
						}
					})
				}
			}
			wg.Wait()
			for r := range rooms {
				for _, u := range users[r] {
					for _, from := range users[r] {
						checkHeard(t, u, from.uid, fmt.Sprintf("room-%d", r), messages)
					}
				}
			}
		})
	}
}

// checkHeard fails where u did not hear messages 0 to n-1 of the uid in order,
// or anything of another room.
func checkHeard(t *testing.T, u *user, uid, room string, n int) {
	t.Helper()
	u.await(fmt.Sprintf("%s %s %d", room, uid, n-1))
	var got []int
	for _, line := range u.all() {
		var inRoom, from string
		var i int
		if _, err := fmt.Sscanf(line, "%s %s %d", &inRoom, &from, &i); err != nil {
			continue // joined
		}
		if inRoom != room {
			t.Errorf("%s in %s heard %q", u.uid, room, line)
		}
		if from == uid {
			got = append(got, i)
		}
	}
	if len(got) != n || !slices.IsSorted(got) || len(slices.Compact(got)) != n {
		t.Errorf("%s heard of %s: got %v, want 0 to %d", u.uid, uid, got, n-1)
	}
}

// The end of the old connection of a user must not take the new one's place in
// the directory away.
func TestSecondLoginTakesTheFirstsPlace(t *testing.T) {
	w := newWorld(t, options{})
	frontends, _ := w.chats()
	bob := connect(t, frontends[0], "bob")
	bob.join("a")
	old := connect(t, frontends[0], "ann")
	old.join("a")
	for i, at := range []*process{frontends[1], frontends[1], frontends[0]} {
		again := connect(t, at, "ann")
		old.awaitEnd()
		if closed := (*wsc.Closed)(nil); !errors.As(old.ws.Err(), &closed) || closed.Code != 4409 {
			t.Fatalf("old connection %d: got %v, want close code 4409", i, old.ws.Err())
		}
		again.join("a")
		bob.private("ann", fmt.Sprint("are you there ", i))
		bob.send("a", fmt.Sprint("all ", i))
		again.await(fmt.Sprint("private bob are you there ", i), fmt.Sprint("a bob all ", i))
		old = again
	}
}

func TestDisconnectedUserLeavesItsRooms(t *testing.T) {
	w := newWorld(t, options{})
	frontends, _ := w.chats()
	ann, bob, cat := connect(t, frontends[0], "ann"), connect(t, frontends[0], "bob"), connect(t, frontends[1], "cat")
	for _, u := range []*user{ann, bob, cat} {
		u.join("a")
	}
	ann.await("joined a bob", "joined a cat")
	_ = bob.ws.Close()
	ann.await("left a bob")
	frontends[1].kill() // nobody tells of cat's end
	ann.await("left a cat")
	members, err := ann.chat.Members(t.Context(), &chatv1.MembersRequest{Room: "a"})
	if err != nil || !slices.Equal(members.GetUids(), []string{"ann"}) {
		t.Errorf("members: got %v, %v, want ann", members, err)
	}
	if _, err := ann.chat.Private(t.Context(), &chatv1.PrivateRequest{Uid: "bob", Text: "x"}); !errors.Is(err, chatv1.ErrUserOffline) {
		t.Errorf("message to who is gone: got %v, want %v", err, chatv1.ErrUserOffline)
	}
}

// After down and up the history is there, and IDs go on.
func TestHistoryOutlivesARestart(t *testing.T) {
	w := newWorld(t, options{})
	frontends, chats := w.chats()
	var last int64
	for _, uid := range []string{"ann", "bob"} { // the schema lets one send 50 in a second
		u := connect(t, frontends[0], uid)
		u.join("a")
		for i := range 30 {
			m := u.send("a", fmt.Sprint(uid, " ", i))
			last = max(last, m.GetId())
		}
	}
	for _, p := range [...]*process{frontends[0], frontends[1], chats[0], chats[1]} {
		if status := p.stop(); status != 0 {
			t.Errorf("%s ended with status %d", p.name, status)
		}
	}
	frontends, _ = w.chats()
	ann := connect(t, frontends[1], "ann")
	ann.join("a")
	if m := ann.send("a", "after"); m.GetId() <= last {
		t.Errorf("id after the restart: got %d, want more than %d", m.GetId(), last)
	}
	history, err := ann.chat.History(t.Context(), &chatv1.HistoryRequest{Room: "a"})
	if err != nil || len(history.GetMessages()) != 50 {
		t.Fatalf("history: got %d messages, %v, want 50", len(history.GetMessages()), err)
	}
	if first := history.GetMessages()[0].GetText(); first != "ann 11" {
		t.Errorf("oldest: got %q, want %q", first, "ann 11")
	}
}
