package client_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/hawos/hawos/hawosgen/dev/client"
	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/jwt"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestCallByIDAndByName(t *testing.T) {
	c := newClient(t, client.Options{UID: "ada"})
	for _, target := range []string{"2001", "chat.v1.Chat.Send", "Chat.Send"} {
		reply, err := c.Call(t.Context(), target, json.RawMessage(`{"text": "hi"}`))
		if err != nil || string(reply) != `{"text":"hi","uid":"ada"}` {
			t.Errorf("%s: got %s, %v", target, reply, err)
		}
	}
	// An ID that the schema does not know goes out all the same.
	if reply, err := c.Call(t.Context(), "999", json.RawMessage(`{}`)); err != nil || string(reply) != `{"uid":"ada"}` {
		t.Errorf("999: got %s, %v", reply, err)
	}
}

func TestRefusalsHaveTheirNames(t *testing.T) {
	c := newClient(t, client.Options{})
	for request, want := range map[string]client.Refusal{
		`{"text": "refuse 2401"}`: {Code: 2401, Name: "ROOM_FULL", Text: "no"},
		`{"text": "refuse 12"}`:   {Code: 12, Name: "Unimplemented", Text: "no"},
		`{"text": "refuse 4000"}`: {Code: 4000, Text: "no"},
	} {
		_, err := c.Call(t.Context(), "2001", json.RawMessage(request))
		var got *client.Refusal
		if !errors.As(err, &got) || *got != want {
			t.Errorf("%s: got %v, want %+v", request, err, want)
		}
	}
	if text := (&client.Refusal{Code: 2401, Name: "ROOM_FULL", Text: "no"}).Error(); text != "code 2401 ROOM_FULL: no" {
		t.Errorf("shown as %q", text)
	}
}

func TestMistakesAreFoundBeforeTheCall(t *testing.T) {
	c := newClient(t, client.Options{URL: "ws://127.0.0.1:1/ws"}) // nobody is asked
	for _, x := range []struct{ target, request, want string }{
		{"Chat.Send", `{"txt": "hi"}`, `the request is no chat.v1.SendRequest`},
		{"Chat.Send", `{"txt": "hi"}`, `unknown field "txt"`},
		{"2001", `{"text": `, "the request is not JSON"},
		{"Chat.Tail", `{}`, "chat.v1.Chat.Tail is a stream"},
		{"Chat.Sned", `{}`, `no rpc is called "Chat.Sned"; see hawosgen routes`},
		{"Stats", `{}`, `"Stats" may be`},
		{"Chat.Send", `{}`, "does the project run?"},
	} {
		_, err := c.Call(t.Context(), x.target, json.RawMessage(x.request))
		if err == nil || !strings.Contains(strings.ReplaceAll(err.Error(), "\u00a0", " "), x.want) {
			t.Errorf("%s %s: got %v, want %q", x.target, x.request, err, x.want)
		}
	}
}

func TestListenShowsPushesByName(t *testing.T) {
	c := newClient(t, client.Options{UID: "ada"})
	ctx, stop := context.WithTimeout(t.Context(), 10*time.Second)
	defer stop()
	first := client.First{Calls: []client.Request{{Target: "Chat.Send", JSON: json.RawMessage(`{"text": "push"}`)}}}
	var once sync.Once
	err := c.Listen(ctx, first, func(uid string) {
		if uid != "ada" {
			t.Errorf("logged in as %q", uid)
		}
	}, func(p client.Push) {
		once.Do(stop)
		if p.ID != 2101 || p.Name != "chat.v1.Posted" || string(p.Payload) != `{"text":"pushed"}` {
			t.Errorf("got %+v", p)
		}
	})
	if err != nil {
		t.Error(err)
	}
	if errors.Is(ctx.Err(), context.DeadlineExceeded) {
		t.Error("no push came")
	}
}

func TestListenSaysWhyItCannotBegin(t *testing.T) {
	c := newClient(t, client.Options{})
	for target, want := range map[string]string{
		"Chat.Stats": "has no protocol ID",
		"Admin.Nope": "no rpc is called",
	} {
		first := client.First{Calls: []client.Request{{Target: target, JSON: json.RawMessage(`{}`)}}}
		err := c.Listen(t.Context(), first, func(string) {}, func(client.Push) {})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", target, err, want)
		}
	}
}

// newClient returns a client of a copy of testdata/project whose frontend is played by this process.
func newClient(t *testing.T, o client.Options) *client.Client {
	t.Helper()
	dir := copyProject(t)
	if o.URL == "" {
		o.URL = serve(t)
	}
	return open(t, dir, "127.0.0.1:1", o)
}

// open returns a client of the project in dir.
func open(t *testing.T, dir, etcd string, o client.Options) *client.Client {
	t.Helper()
	text := fmt.Sprintf("etcd:\n  endpoints: [%q]\n", etcd)
	if err := os.WriteFile(filepath.Join(dir, "config", "common.yaml"), []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	p, err := project.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	c, err := client.New(t.Context(), p, o)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func copyProject(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "project"))); err != nil {
		t.Fatal(err)
	}
	return dir
}

// packet is the JSON form of the websocket's packets, as far as the test needs it.
type packet struct {
	ID      uint32          `json:"id"`
	Seq     uint32          `json:"seq,omitempty"`
	Code    uint32          `json:"code,omitempty"`
	Payload json.RawMessage `json:"payload,omitempty"`
	Error   string          `json:"error,omitempty"`
}

// serve plays a frontend that answers a request with itself and the uid. The text "refuse N" is refused with the code
// N, and "push" pushes first.
func serve(t *testing.T) (url string) {
	keys, err := jwt.New(config.JWT{Secret: "a secret of the test that is long enough"})
	if err != nil {
		t.Fatal(err)
	}
	upgrader := websocket.Upgrader{Subprotocols: []string{"hawos.v1.json"}}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		claims, err := keys.Verify(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
		if err != nil {
			t.Errorf("the token: %v", err)
		}
		conn, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_ = conn.WriteJSON(packet{ID: 1, Payload: fmt.Appendf(nil, `{"uid":%q}`, claims.UID)})
		for {
			var p packet
			if conn.ReadJSON(&p) != nil {
				return
			}
			for _, a := range answers(p, claims.UID) {
				if conn.WriteJSON(a) != nil {
					return
				}
			}
		}
	}))
	t.Cleanup(s.Close)
	return "ws" + strings.TrimPrefix(s.URL, "http")
}

func answers(p packet, uid string) []packet {
	var request struct {
		Text string `json:"text,omitempty"`
		UID  string `json:"uid"`
	}
	_ = json.Unmarshal(p.Payload, &request)
	request.UID = uid
	reply := packet{ID: p.ID, Seq: p.Seq}
	if n, _ := fmt.Sscanf(request.Text, "refuse %d", &reply.Code); n == 1 {
		reply.Error = "no"
		return []packet{reply}
	}
	reply.Payload, _ = json.Marshal(request)
	if request.Text == "push" {
		return []packet{{ID: 2101, Payload: json.RawMessage(`{"text":"pushed"}`)}, reply}
	}
	return []packet{reply}
}
