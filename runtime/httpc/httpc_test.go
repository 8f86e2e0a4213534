package httpc_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/httpc"
)

// answers is a server that gives one answer after another, the last for ever.
type answers struct {
	list  []func(*http.Request) (*http.Response, error)
	times []time.Time
	last  *http.Request
	body  string
}

func (a *answers) RoundTrip(r *http.Request) (*http.Response, error) {
	n := min(len(a.times), len(a.list)-1)
	a.times = append(a.times, time.Now())
	a.last = r
	text, _ := io.ReadAll(r.Body)
	a.body = string(text)
	return a.list[n](r)
}

func status(code int, body string, header ...string) func(*http.Request) (*http.Response, error) {
	return func(r *http.Request) (*http.Response, error) {
		resp := &http.Response{StatusCode: code, Body: io.NopCloser(strings.NewReader(body)), Header: http.Header{}, Request: r}
		for i := 0; i+1 < len(header); i += 2 {
			resp.Header.Set(header[i], header[i+1])
		}
		return resp, nil
	}
}

func broken(*http.Request) (*http.Response, error) { return nil, errors.New("connection refused") }

func hanging(r *http.Request) (*http.Response, error) {
	<-r.Context().Done()
	return nil, r.Context().Err()
}

type reply struct{ Hello string }

func TestJSONGoesThereAndBack(t *testing.T) {
	a := &answers{list: []func(*http.Request) (*http.Response, error){status(200, `{"hello":"ann"}`)}}
	c := httpc.New("http://api/v1/", httpc.Options{Base: a, Header: http.Header{"Authorization": {"Bearer x"}}})
	defer c.Close()
	var out reply
	if err := c.Post(t.Context(), "/greet", map[string]string{"name": "ann"}, &out); err != nil || out.Hello != "ann" {
		t.Errorf("got %v, %v, want ann", out, err)
	}
	if got := a.last.Method + " " + a.last.URL.String() + " " + a.body; got != `POST http://api/v1/greet {"name":"ann"}` {
		t.Errorf("request: got %s", got)
	}
	if got := a.last.Header.Get("Content-Type") + " " + a.last.Header.Get("Authorization"); got != "application/json Bearer x" {
		t.Errorf("header: got %s", got)
	}
}

func TestOnlyWhatMayBeRepeatedIs(t *testing.T) {
	type list = []func(*http.Request) (*http.Response, error)
	for _, c := range []struct {
		name, method string
		answers      list
		tries        int
		code         codes.Code
	}{
		{"GET after a broken connection", "GET", list{broken, status(200, `{}`)}, 2, codes.OK},
		{"PUT after 503", "PUT", list{status(503, ""), status(502, ""), status(200, ``)}, 3, codes.OK},
		{"GET in vain", "GET", list{broken}, 3, codes.Unavailable},
		{"GET refused", "GET", list{status(404, "")}, 1, codes.NotFound},
		{"POST after 503", "POST", list{status(503, ""), status(200, "{}")}, 1, codes.Unavailable},
		{"POST after a broken connection", "POST", list{broken, status(200, "{}")}, 1, codes.Unavailable},
	} {
		synctest.Test(t, func(t *testing.T) {
			a := &answers{list: c.answers}
			err := httpc.New("http://api", httpc.Options{Base: a}).JSON(t.Context(), c.method, "/x", nil, nil)
			if got := code(err); len(a.times) != c.tries || got != uint32(c.code) {
				t.Errorf("%s: got %d tries and code %d (%v), want %d and %d", c.name, len(a.times), got, err, c.tries, c.code)
			}
		})
	}
}

func code(err error) uint32 {
	if err == nil {
		return 0
	}
	return errcode.From(err).Code()
}

func TestPauseHeedsRetryAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &answers{list: []func(*http.Request) (*http.Response, error){status(429, "", "Retry-After", "3"), status(200, "{}")}}
		if err := httpc.New("http://api", httpc.Options{Base: a}).Get(t.Context(), "/x", nil); err != nil {
			t.Fatal(err)
		}
		if d := a.times[1].Sub(a.times[0]); d < 3*time.Second {
			t.Errorf("the second try came after %v, want 3s", d)
		}
	})
}

func TestTimesOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &answers{list: []func(*http.Request) (*http.Response, error){hanging}}
		c := httpc.New("http://api", httpc.Options{Base: a, Timeout: time.Second})
		start := time.Now()
		if err := c.Post(t.Context(), "/x", nil, nil); code(err) != uint32(codes.Unavailable) || time.Since(start) != time.Second {
			t.Errorf("a try: got %v after %v, want Unavailable after 1s", err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		if err := c.Get(ctx, "/x", nil); code(err) != uint32(codes.DeadlineExceeded) {
			t.Errorf("the call: got %v, want DeadlineExceeded", err)
		}
	})
}

func TestRefusalKeepsItsCode(t *testing.T) {
	a := &answers{list: []func(*http.Request) (*http.Response, error){status(422, `{"code":2401,"error":"room full"}`)}}
	err := httpc.New("http://api", httpc.Options{Base: a}).Get(t.Context(), "/x", nil)
	var e *errcode.Error
	if !errors.As(err, &e) || e.Code() != 2401 || e.Text() != "room full" {
		t.Errorf("got %v, want room full (2401)", err)
	}
}

func TestLongAnswerIsRefused(t *testing.T) {
	a := &answers{list: []func(*http.Request) (*http.Response, error){status(200, `{"hello":"`+strings.Repeat("x", 100)+`"}`)}}
	if err := httpc.New("http://api", httpc.Options{Base: a, MaxBytes: 50, Tries: 1}).Get(t.Context(), "/x", new(reply)); err == nil {
		t.Error("got an answer above the limit, want an error")
	}
}

// An answer above the limit will be as long the next time: asking again would
// only fetch it once more, and the API is not away.
func TestLongAnswerIsNotAskedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &answers{list: []func(*http.Request) (*http.Response, error){status(200, `"`+strings.Repeat("x", 100)+`"`)}}
		err := httpc.New("http://api", httpc.Options{Base: a, MaxBytes: 50}).Get(t.Context(), "/x", nil)
		if len(a.times) != 1 || code(err) != uint32(codes.ResourceExhausted) {
			t.Errorf("got %d tries and %v, want 1 and ResourceExhausted", len(a.times), err)
		}
	})
}

func TestEndOfTheCallKeepsTheLastTrysError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := &answers{list: []func(*http.Request) (*http.Response, error){broken}}
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Millisecond)
		defer cancel()
		err := httpc.New("http://api", httpc.Options{Base: a}).Get(ctx, "/x", nil)
		if code(err) != uint32(codes.DeadlineExceeded) || !strings.Contains(err.Error(), "connection refused") {
			t.Errorf("got %v, want DeadlineExceeded because of connection refused", err)
		}
	})
}
