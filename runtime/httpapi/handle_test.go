package httpapi_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/httpapi"
)

type in struct {
	Name string `json:"name"`
}

type out struct {
	Hello string `json:"hello"`
}

var errRoomFull = errcode.New(2401, "room full")

func greet(_ context.Context, i *in) (*out, error) {
	switch i.Name {
	case "":
		return nil, errcode.New(codes.InvalidArgument, "name is empty")
	case "full":
		return nil, errRoomFull.Retry(1500 * time.Millisecond)
	case "away":
		return nil, status.Error(codes.Unavailable, "dial tcp 10.0.0.1:7000: refused")
	case "broken":
		return nil, errors.New("redis at 10.0.0.1 is away")
	case "panic":
		panic("a bug")
	}
	return &out{Hello: i.Name}, nil
}

// api returns a handler with the limits and the log that it writes.
func api(l httpapi.Limits) (http.Handler, *bytes.Buffer) {
	mux := http.NewServeMux()
	httpapi.Handle(mux, "POST /greet", greet)
	httpapi.Handle(mux, "POST /ping", func(_ context.Context, i *hawospb.PingRequest) (*hawospb.PingReply, error) {
		return &hawospb.PingReply{ClientTimeMs: i.GetClientTimeMs()}, nil
	})
	httpapi.Handle(mux, "GET /room/{name}", func(ctx context.Context, _ *struct{}) (*out, error) {
		r := httpapi.Request(ctx)
		return &out{Hello: r.PathValue("name") + r.URL.Query().Get("q")}, nil
	})
	httpapi.Handle(mux, "GET /slow", func(ctx context.Context, _ *struct{}) (*out, error) {
		<-ctx.Done()
		return nil, ctx.Err()
	})
	httpapi.Handle(mux, "GET /unsayable", func(context.Context, *struct{}) (*chan int, error) { return new(chan int), nil })
	mux.HandleFunc("GET /half", func(w http.ResponseWriter, _ *http.Request) {
		io.WriteString(w, "half")
		panic("a bug")
	})
	var log bytes.Buffer
	return l.Wrap(mux, slog.New(slog.NewTextHandler(&log, &slog.HandlerOptions{Level: slog.LevelDebug}))), &log
}

func do(h http.Handler, method, path, contentType, body string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	if contentType != "" {
		r.Header.Set("Content-Type", contentType)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestEachRequestIsAnswered(t *testing.T) {
	h, _ := api(httpapi.Limits{MaxBytes: 100, Timeout: 10 * time.Millisecond})
	const js = "application/json"
	for _, c := range []struct {
		name, method, path, contentType, body string
		status                                int
		want                                  string
	}{
		{"struct", "POST", "/greet", js, `{"name":"ann","unknown":1}`, 200, `{"hello":"ann"}`},
		{"charset", "POST", "/greet", js + "; charset=utf-8", `{"name":"ann"}`, 200, `{"hello":"ann"}`},
		{"proto, with the schema's names", "POST", "/ping", js, `{"client_time_ms":"7","x":1}`, 200, `"server_time_ms"`},
		{"path and query", "GET", "/room/den?q=1", "", "", 200, `{"hello":"den1"}`},
		{"empty body", "POST", "/greet", "", "", 400, `{"code":3,"error":"name is empty"}`},
		{"the project's code", "POST", "/greet", js, `{"name":"full"}`, 422, `{"code":2401,"error":"room full"}`},
		{"gRPC's error", "POST", "/greet", js, `{"name":"away"}`, 503, `{"code":14,"error":"Unavailable"}`},
		{"inner error", "POST", "/greet", js, `{"name":"broken"}`, 500, `{"code":13,"error":"internal error"}`},
		{"panic", "POST", "/greet", js, `{"name":"panic"}`, 500, `{"code":13,"error":"internal error"}`},
		{"no JSON", "POST", "/greet", js, `{"name":`, 400, `{"code":3,"error":"body is not the JSON that is wanted"}`},
		{"two values", "POST", "/greet", js, `{"name":"ann"}{}`, 400, `"code":3`},
		{"another type", "POST", "/greet", "text/plain", `{"name":"ann"}`, 415, `{"code":3,"error":"Content-Type must be application/json"}`},
		{"too large", "POST", "/greet", js, strings.Repeat(" ", 101), 413, `{"code":8,"error":"body is too large"}`},
		{"too slow", "GET", "/slow", "", "", 504, `{"code":4,`},
		{"answer that has no JSON", "GET", "/unsayable", "", "", 500, `{"code":13,"error":"internal error"}`},
		{"other method", "GET", "/greet", "", "", 405, ""},
		{"other path", "GET", "/", "", "", 404, ""},
	} {
		w := do(h, c.method, c.path, c.contentType, c.body)
		if got := w.Body.String(); w.Code != c.status || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %d %s, want %d %s", c.name, w.Code, got, c.status, c.want)
		}
		if strings.Contains(w.Body.String(), "10.0.0.1") {
			t.Errorf("%s: the client sees the cause: %s", c.name, w.Body)
		}
	}
}

func TestRetryAfterIsRoundedUp(t *testing.T) {
	h, _ := api(httpapi.Limits{})
	w := do(h, "POST", "/greet", "application/json", `{"name":"full"}`)
	if got := w.Header().Get("Retry-After"); got != "2" {
		t.Errorf("got %q, want 2", got)
	}
}

func TestLogTellsCausesAndNoQueries(t *testing.T) {
	h, log := api(httpapi.Limits{})
	do(h, "GET", "/room/den?token=hush", "", "")
	if s := log.String(); strings.Contains(s, "hush") || !strings.Contains(s, "level=DEBUG") || !strings.Contains(s, "path=/room/den") {
		t.Errorf("access: got %s, want the path at debug without the query", s)
	}
	log.Reset()
	do(h, "POST", "/greet", "application/json", `{"name":"broken"}`)
	if s := log.String(); !strings.Contains(s, "level=ERROR") || !strings.Contains(s, "10.0.0.1") {
		t.Errorf("inner error: got %s, want the cause at error", s)
	}
	log.Reset()
	do(h, "POST", "/greet", "application/json", `{"name":"panic"}`)
	if s := log.String(); !strings.Contains(s, "a bug") || !strings.Contains(s, "handle_test.go") {
		t.Errorf("panic: got %s, want its value and stack", s)
	}
}

func TestPanicAfterHalfAnAnswerBreaksTheConnection(t *testing.T) {
	h, log := api(httpapi.Limits{})
	srv := httptest.NewServer(h)
	defer srv.Close()
	resp, err := http.Get(srv.URL + "/half")
	if err == nil {
		_, err = io.ReadAll(resp.Body)
		resp.Body.Close()
	}
	if err == nil {
		t.Error("the client took half an answer for a whole one")
	}
	srv.Close()
	if !strings.Contains(log.String(), "a bug") {
		t.Errorf("log: got %s, want the panic", log)
	}
}

func TestStatusOfEveryCode(t *testing.T) {
	for code, want := range map[uint32]int{0: 200, 1: 499, 2: 500, 3: 400, 4: 504, 5: 404, 6: 409, 7: 403, 8: 429, 9: 400, 10: 409, 11: 400, 12: 501, 13: 500, 14: 503, 15: 500, 16: 401, 17: 500, 99: 500, 100: 422, 1 << 30: 422} {
		if got := httpapi.Status(code); got != want {
			t.Errorf("code %d: got %d, want %d", code, got, want)
		}
	}
}
