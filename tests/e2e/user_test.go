package e2e_test

import (
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/jwt"
	"github.com/hawos/hawos/runtime/wsc"
	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
)

// user is a client, and what it has heard.
type user struct {
	t    *testing.T
	uid  string
	ws   *wsc.Client
	chat chatv1.ChatCaller

	mu      sync.Mutex
	heard   []string // "room uid text" of messages, "private uid text", "joined room uid", "left room uid"
	changed chan struct{}
}

// connect logs uid in at a frontend. The test closes the client.
func connect(t *testing.T, frontend *process, uid string) *user {
	t.Helper()
	ws, err := wsc.Dial(t.Context(), "ws://"+frontend.addr("ws")+"/ws", wsc.Options{Token: sign(t, uid)})
	if err != nil {
		t.Fatalf("%s connects to %s: %v", uid, frontend.name, err)
	}
	u := &user{t: t, uid: uid, ws: ws, chat: chatv1.NewChatCaller(ws), changed: make(chan struct{})}
	t.Cleanup(func() { _ = ws.Close() })
	chatv1.OnPosted(ws, func(p *chatv1.Posted) {
		m := p.GetMessage()
		u.hear("%s %s %s", m.GetRoom(), m.GetUid(), m.GetText())
	})
	chatv1.OnPrivatePosted(ws, func(p *chatv1.PrivatePosted) {
		u.hear("private %s %s", p.GetMessage().GetUid(), p.GetMessage().GetText())
	})
	chatv1.OnJoined(ws, func(p *chatv1.Joined) { u.hear("joined %s %s", p.GetRoom(), p.GetUid()) })
	chatv1.OnLeft(ws, func(p *chatv1.Left) { u.hear("left %s %s", p.GetRoom(), p.GetUid()) })
	return u
}

// sign returns a token for the uid.
func sign(t *testing.T, uid string) string {
	t.Helper()
	keys, err := jwt.New(config.JWT{Secret: secret})
	if err != nil {
		t.Fatal(err)
	}
	signed, err := keys.Sign(uid, time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func (u *user) hear(format string, args ...any) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.heard = append(u.heard, fmt.Sprintf(format, args...))
	close(u.changed)
	u.changed = make(chan struct{})
}

// await waits until the user heard all of the lines, and fails the test where
// that does not happen.
func (u *user) await(lines ...string) {
	u.t.Helper()
	timeout := time.After(patience)
	for {
		u.mu.Lock()
		changed, missing := u.changed, ""
		for _, line := range lines {
			if !slices.Contains(u.heard, line) {
				missing = line
			}
		}
		u.mu.Unlock()
		if missing == "" {
			return
		}
		select {
		case <-changed:
		case <-timeout:
			u.t.Fatalf("%s never heard %q, but %q", u.uid, missing, u.all())
		}
	}
}

// awaitEnd waits until the client's connection has ended for good.
func (u *user) awaitEnd() {
	u.t.Helper()
	select {
	case <-u.ws.Done():
	case <-time.After(patience):
		u.t.Fatalf("%s is still connected", u.uid)
	}
}

func (u *user) heardNow(line string) bool { return slices.Contains(u.all(), line) }

func (u *user) all() []string {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Clone(u.heard)
}

func (u *user) join(room string) {
	u.t.Helper()
	var err error
	eventually(u.t, "the frontend has found a chat", func() bool {
		_, err = u.chat.Join(u.t.Context(), &chatv1.JoinRequest{Room: room})
		return err == nil || !errcode.From(err).Retryable()
	})
	if err != nil {
		u.t.Fatalf("%s joins %s: %v", u.uid, room, err)
	}
}

func (u *user) send(room, text string) *chatv1.Message {
	u.t.Helper()
	reply, err := u.chat.Send(u.t.Context(), &chatv1.SendRequest{Room: room, Text: text})
	if err != nil {
		u.t.Fatalf("%s sends to %s: %v", u.uid, room, err)
	}
	return reply.GetMessage()
}

func (u *user) private(to, text string) {
	u.t.Helper()
	if _, err := u.chat.Private(u.t.Context(), &chatv1.PrivateRequest{Uid: to, Text: text}); err != nil {
		u.t.Fatalf("%s sends to %s: %v", u.uid, to, err)
	}
}

// eventually waits until ok, asking again every few milliseconds: for what no
// event tells of.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.Now().Add(patience)
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		if time.Now().After(deadline) {
			t.Fatalf("not so after %v: %s", patience, what)
		}
		<-tick.C
	}
}
