package config

import (
	"context"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/jwt"
	"github.com/hawos/hawos/runtime/mode"
	"github.com/hawos/hawos/runtime/registry"
	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
)

// newService returns the API of a system with two frontends, one of them
// draining.
func newService(t *testing.T, m mode.Mode) (*Service, *frontend) {
	t.Helper()
	c := config.Default()
	c.Mode, c.JWT.Secret, c.RPC.Token = m, strings.Repeat("s", 32), "operators know it"
	keys, err := jwt.New(c.JWT)
	if err != nil {
		t.Fatal(err)
	}
	f := &frontend{}
	s := &Service{config: c, keys: keys, frontend: f}
	s.instances.Store(&[]registry.Instance{
		{App: "chat", ID: "chat-1", State: registry.Ready},
		{App: "frontend", ID: "frontend-1", WS: "ws://one/ws", State: registry.Ready},
		{App: "frontend", ID: "frontend-2", WS: "ws://two/ws", State: registry.Draining},
	})
	return s, f
}

// call returns the status and the answer, decoded into out.
func call(t *testing.T, h http.Handler, method, path, body, authorization string, out any) int {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Authorization", authorization)
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	if out != nil {
		if err := json.Unmarshal(w.Body.Bytes(), out); err != nil {
			t.Fatalf("%s %s: %v: %s", method, path, err, w.Body)
		}
	}
	return w.Code
}

func TestLoginGivesATokenAndAFrontendThatTakesClients(t *testing.T) {
	s, _ := newService(t, mode.Debug)
	for range 3 {
		var got LoginReply
		if status := call(t, s.Handler(), "POST", "/api/login", `{"uid": "Änn 1"}`, "", &got); status != http.StatusOK {
			t.Fatalf("status %d", status)
		}
		if got.WS != "ws://one/ws" {
			t.Errorf("frontend: got %q, want the one that is ready", got.WS)
		}
		if claims, err := s.keys.Verify(got.Token); err != nil || claims.UID != "Änn 1" {
			t.Errorf("token: got %v, %v", claims, err)
		}
	}
}

func TestLoginRefusals(t *testing.T) {
	for _, c := range []struct {
		name, uid string
		mode      mode.Mode
		want      int
	}{
		{"empty", "", mode.Debug, http.StatusBadRequest},
		{"space around", " ann", mode.Debug, http.StatusBadRequest},
		{"control character", `a\u0000b`, mode.Debug, http.StatusBadRequest},
		{"long", strings.Repeat("a", 33), mode.Debug, http.StatusBadRequest},
		{"release mode", "ann", mode.Release, http.StatusForbidden},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, _ := newService(t, c.mode)
			if got := call(t, s.Handler(), "POST", "/api/login", `{"uid": "`+c.uid+`"}`, "", nil); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
	s, _ := newService(t, mode.Debug)
	s.instances.Store(&[]registry.Instance{})
	if got := call(t, s.Handler(), "POST", "/api/login", `{"uid": "ann"}`, "", nil); got != http.StatusServiceUnavailable {
		t.Errorf("no frontend: got %d, want %d", got, http.StatusServiceUnavailable)
	}
}

// In release mode whoever does not know the project's token may neither kick nor
// push.
func TestOperatorsAloneInReleaseMode(t *testing.T) {
	for _, path := range []string{"/api/kick", "/api/push", "/api/online"} {
		for _, c := range []struct {
			mode          mode.Mode
			authorization string
			want          int
		}{
			{mode.Debug, "", http.StatusOK},
			{mode.Release, "", http.StatusForbidden},
			{mode.Release, "Bearer wrong", http.StatusForbidden},
			{mode.Release, "Bearer operators know it", http.StatusOK},
		} {
			s, _ := newService(t, c.mode)
			got := call(t, s.Handler(), "POST", path, `{"uid": "ann", "text": "hear me"}`, c.authorization, nil)
			if got != c.want {
				t.Errorf("%s in %s with %q: got %d, want %d", path, c.mode, c.authorization, got, c.want)
			}
		}
	}
}

func TestPushReachesRoomOrUser(t *testing.T) {
	s, f := newService(t, mode.Debug)
	if got := call(t, s.Handler(), "POST", "/api/push", `{"room": "lobby", "text": "hear me"}`, "", nil); got != http.StatusOK {
		t.Fatalf("room: status %d", got)
	}
	var posted chatv1.Posted
	if err := proto.Unmarshal(f.push.GetPayload(), &posted); err != nil || posted.GetMessage().GetText() != "hear me" ||
		f.push.GetId() != chatv1.PostedID || f.push.GetTarget().GetGroup() != "room:lobby" {
		t.Errorf("room: got %v, %v", f.push, err)
	}
	if got := call(t, s.Handler(), "POST", "/api/push", `{"uid": "ann", "text": "hear me"}`, "", nil); got != http.StatusOK {
		t.Fatalf("user: status %d", got)
	}
	if f.push.GetId() != chatv1.PrivatePostedID || len(f.push.GetTarget().GetUids()) != 1 {
		t.Errorf("user: got %v", f.push)
	}
	for _, body := range []string{`{"text": "to nobody"}`, `{"room": "lobby"}`, `{"room": "lobby", "uid": "ann", "text": "to both"}`} {
		if got := call(t, s.Handler(), "POST", "/api/push", body, "", nil); got != http.StatusBadRequest {
			t.Errorf("%s: got %d, want %d", body, got, http.StatusBadRequest)
		}
	}
}

func TestStatsOfEveryChatThatAnswers(t *testing.T) {
	s, _ := newService(t, mode.Debug)
	nobody, err := grpc.NewClient("passthrough:///127.0.0.1:1", grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = nobody.Close() })
	s.chats = func(ctx context.Context, app string, f func(context.Context, registry.Instance, *grpc.ClientConn) error) error {
		if app != chatv1.ChatApp {
			t.Errorf("asked the instances of %q", app)
		}
		return f(ctx, registry.Instance{ID: "chat-1"}, nobody)
	}
	var got struct {
		Chats  []any
		Silent []string
	}
	status := call(t, s.Handler(), "GET", "/api/stats", "", "", &got)
	if status != http.StatusOK || got.Chats == nil || !slices.Equal(got.Silent, []string{"chat-1"}) {
		t.Errorf("got %d, %v, want an empty list and chat-1 silent", status, got)
	}
}

func TestPageRunsItsOwnScriptsAlone(t *testing.T) {
	s, _ := newService(t, mode.Debug)
	for path, kind := range map[string]string{"/": "text/html", "/main.js": "text/javascript", "/style.css": "text/css"} {
		w := httptest.NewRecorder()
		s.Handler().ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		if w.Code != http.StatusOK || !strings.HasPrefix(w.Header().Get("Content-Type"), kind) {
			t.Errorf("%s: got %d, %s", path, w.Code, w.Header().Get("Content-Type"))
		}
		if csp := w.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'self'") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: policy %q", path, csp)
		}
	}
}

// frontend remembers the last push.
type frontend struct {
	hawospb.FrontendClient
	push *hawospb.PushRequest
}

func (f *frontend) Push(_ context.Context, in *hawospb.PushRequest, _ ...grpc.CallOption) (*hawospb.PushReply, error) {
	f.push = in
	return &hawospb.PushReply{Delivered: 1}, nil
}

func (f *frontend) Online(context.Context, *hawospb.OnlineRequest, ...grpc.CallOption) (*hawospb.OnlineReply, error) {
	return &hawospb.OnlineReply{}, nil
}

func (f *frontend) Kick(context.Context, *hawospb.KickRequest, ...grpc.CallOption) (*hawospb.KickReply, error) {
	return &hawospb.KickReply{}, nil
}
