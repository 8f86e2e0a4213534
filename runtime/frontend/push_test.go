package frontend_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/directory"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/wire"
)

func news(text string, to push.Target) push.Message {
	return push.Message{ID: idNews, To: to, Payload: &hawospb.Notice{Text: text}}
}

func (c *client) wantNews(text string) {
	c.t.Helper()
	var out hawospb.Notice
	p := c.read()
	if c.decode(p, &out); p.ID != idNews || p.Seq != 0 || out.GetText() != text {
		c.t.Errorf("got %+v %v, want the push %q", p, &out, text)
	}
}

func send(t testing.TB, s push.Sender, m push.Message) {
	t.Helper()
	if err := s.Send(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func TestPushReachesItsTarget(t *testing.T) {
	n, _ := start(t, nil)
	p := n.producer()
	ann, bob := n.login(t, "ann"), n.login(t, "bob")
	stranger := n.dial(t, wire.Proto, "")
	web := n.dial(t, wire.JSON, n.token("web"))
	web.read()
	for _, c := range []*client{ann, web} {
		if r := c.call(idJoin, 1, &hawospb.Notice{Text: "room"}); r.Code != 0 {
			t.Fatalf("got %+v", r)
		}
	}
	// A member that was told so gets the next push: the directory knew before.
	send(t, p, news("group", push.Group("room")))
	send(t, p, news("uids", push.UIDs("bob", "web", "nobody")))
	send(t, p, news("all", push.Everyone()))
	send(t, p, news("but ann", push.Everyone().Except("ann")))
	send(t, p, news("group but web", push.Group("room").Except("web")))
	for _, want := range []struct {
		c     *client
		texts []string
	}{
		{ann, []string{"group", "all", "group but web"}},
		{bob, []string{"uids", "all", "but ann"}},
		{web, []string{"group", "uids", "all", "but ann"}},
	} {
		got := map[string]bool{}
		for range want.texts {
			var out hawospb.Notice
			want.c.decode(want.c.read(), &out)
			got[out.GetText()] = true
		}
		for _, text := range want.texts {
			if !got[text] {
				t.Errorf("got %v, want %q too", got, text)
			}
		}
	}
	ann.call(idLeave, 2, &hawospb.Notice{Text: "room"})
	send(t, p, news("after leave", push.Group("room")))
	web.wantNews("after leave")
	for _, c := range []*client{ann, bob, web, stranger} {
		if r := c.call(wire.IDPing, 9, nil); r.ID != wire.IDPing {
			t.Errorf("got %+v, want no other push", r)
		}
	}
}

func TestPushKeepsOrder(t *testing.T) {
	n, _ := start(t, nil)
	p := n.producer()
	c := n.login(t, "ann")
	c.call(idJoin, 1, &hawospb.Notice{Text: "room"})
	for i := range 500 {
		send(t, p, news(fmt.Sprint(i), push.Group("room")))
	}
	for i := range 500 {
		c.wantNews(fmt.Sprint(i))
	}
}

// TestPushDoesNotWaitForSlowClients: one member of the room reads nothing and is
// closed with 4429; the other gets everything meanwhile.
func TestPushDoesNotWaitForSlowClients(t *testing.T) {
	n, _ := start(t, func(c *config.Config) { c.WS.MaxQueueBytes, c.WS.WriteTimeout = 1<<18, 20*time.Second })
	p := n.producer()
	slow, quick := n.login(t, "slow"), n.login(t, "quick")
	for _, c := range []*client{slow, quick} {
		c.call(idJoin, 1, &hawospb.Notice{Text: "room"})
	}
	big := string(make([]byte, 32<<10))
	for range 600 { // 19 MB, more than the kernel's buffers hold
		send(t, p, news(big, push.Group("room")))
		quick.wantNews(big)
	}
	slow.wantClose(wire.CloseTooSlow)
}

func TestPushClassesUnderASlowClient(t *testing.T) {
	n, _ := start(t, func(c *config.Config) { c.WS.MaxQueueBytes, c.WS.WriteTimeout = 1<<18, 20*time.Second })
	p := n.producer()
	c := n.login(t, "slow")
	big := string(make([]byte, 32<<10))
	for i := range 600 {
		m := news(fmt.Sprint(i)+big, push.UIDs("slow"))
		m.Class, m.Key = route.Latest, "k"
		if i%2 == 0 {
			m.Class, m.Key = route.DropOldest, ""
		}
		send(t, p, m)
	}
	m := news("end", push.UIDs("slow"))
	send(t, p, m)
	received := 0
	for {
		var out hawospb.Notice
		c.decode(c.read(), &out)
		received++
		if out.GetText() == "end" {
			break
		}
	}
	if received > 590 {
		t.Errorf("got %d pushes, want some dropped: the client read nothing for 19 MB", received)
	}
}

// TestPushFollowsAMovedUser: the producer was told that ann is at frontend-1, but
// she is at frontend-2 by now.
func TestPushFollowsAMovedUser(t *testing.T) {
	r := newRig(t)
	one, two := r.frontend("1", nil), r.frontend("2", nil)
	ann := two.login(t, "ann")
	there := r.place(t, "ann")
	r.directory = stale{r.directory, directory.Place{Session: "s", Frontend: "frontend-1", Epoch: one.Epoch()}}
	p := r.producer()
	r.directory = r.directory.(stale).Directory
	send(t, p, news("moved", push.UIDs("ann")))
	ann.wantNews("moved")
	if got := r.place(t, "ann"); got != there {
		t.Errorf("got %+v, want %+v", got, there)
	}
}

// entering is a directory that lets a test say when a login is written.
type entering struct {
	directory.Directory
	set, write chan struct{}
}

func (e entering) Set(ctx context.Context, uid string, p directory.Place) (directory.Place, bool, error) {
	if p.Frontend == "frontend-1" {
		e.set <- struct{}{}
		select {
		case <-e.write:
		case <-ctx.Done():
			return directory.Place{}, false, ctx.Err()
		}
	}
	return e.Directory.Set(ctx, uid, p)
}

// TestPushPassesOverALoginThatIsNotReady: ann is about to log in at frontend-1,
// and until then she is at frontend-2.
func TestPushPassesOverALoginThatIsNotReady(t *testing.T) {
	r := newRig(t)
	known := r.directory
	d := entering{known, make(chan struct{}), make(chan struct{})}
	r.directory = d
	one, two := r.frontend("1", nil), r.frontend("2", nil)
	ann := two.login(t, "ann")
	next := one.dial(t, wire.Proto, "")
	next.send(wire.Packet{ID: wire.IDLogin, Seq: 1, Payload: next.payload(&hawospb.LoginRequest{Token: r.token("ann")})})
	<-d.set
	r.directory = stale{known, directory.Place{Session: "s", Frontend: "frontend-1", Epoch: one.Epoch()}}
	p := r.producer()
	r.directory = d
	send(t, p, news("here", push.UIDs("ann")))
	ann.wantNews("here")
	close(d.write)
	ann.wantClose(wire.CloseReplaced)
}

// stale is a directory whose Lookup is behind.
type stale struct {
	directory.Directory
	place directory.Place
}

func (s stale) Lookup(_ context.Context, uids []string) ([]directory.Place, error) {
	places := make([]directory.Place, len(uids))
	for i := range places {
		places[i] = s.place
	}
	return places, nil
}

func TestGroupsEndWithTheSession(t *testing.T) {
	n, _ := start(t, nil)
	c := n.login(t, "ann")
	c.call(idJoin, 1, &hawospb.Notice{Text: "room"})
	c.call(idJoin, 2, &hawospb.Notice{Text: "other"})
	here := func() int {
		places, err := n.directory.Frontends(t.Context(), []string{"room", "other"})
		if err != nil {
			t.Fatal(err)
		}
		return len(places[0]) + len(places[1])
	}
	if here() != 2 {
		t.Errorf("got %d groups in the directory, want 2 when the replies are there", here())
	}
	c.Close()
	eventually(t, "the directory forgets the groups", func() bool { return here() == 0 })
}
