package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"time"

	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/recovery"
)

// Limits are what a request may cost. The zero value is the defaults.
type Limits struct {
	Timeout  time.Duration // a request's context ends after it; 0: 30s
	MaxBytes int64         // of a request's body; 0: 1 MiB
}

// Wrap returns h under the limits. A panic of h is answered with code 13, and
// each request logged: what failed inside as an error, the rest at debug, by path
// alone, for a query may hold a token.
func (l Limits) Wrap(h http.Handler, log *slog.Logger) http.Handler {
	if l.Timeout <= 0 {
		l.Timeout = 30 * time.Second
	}
	if l.MaxBytes <= 0 {
		l.MaxBytes = 1 << 20
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		x := &exchange{ResponseWriter: w}
		ctx, cancel := context.WithTimeout(context.WithValue(r.Context(), exchangeKey{}, x), l.Timeout)
		defer cancel()
		r = r.WithContext(ctx)
		r.Body = http.MaxBytesReader(w, r.Body, l.MaxBytes)
		aborted := x.serve(h, r)
		x.log(log, r, time.Since(start))
		if aborted {
			panic(http.ErrAbortHandler)
		}
	})
}

type exchangeKey struct{}

// exchange notes how a request was answered.
type exchange struct {
	http.ResponseWriter
	status int
	err    error // what the handler returned, where it failed
}

// serve calls the handler; aborted says that it gave up the connection by
// panicking with http.ErrAbortHandler.
func (x *exchange) serve(h http.Handler, r *http.Request) (aborted bool) {
	defer func() {
		switch v := recover(); v {
		case nil:
		case http.ErrAbortHandler:
			aborted = true
		default:
			p := recovery.New(v)
			aborted = x.status != 0 // half an answer is worse than none
			if !aborted {
				writeError(x, errcode.From(p))
			}
			x.err = p
		}
	}()
	h.ServeHTTP(x, r)
	return false
}

func (x *exchange) log(log *slog.Logger, r *http.Request, took time.Duration) {
	level, attrs := slog.LevelDebug, []any{
		"method", r.Method, "path", r.URL.Path, "status", x.status, "took", took, "remote", r.RemoteAddr,
	}
	if x.err != nil {
		attrs = append(attrs, "err", x.err)
		if x.status == 0 || x.status >= http.StatusInternalServerError {
			level = slog.LevelError
		}
	}
	log.Log(r.Context(), level, "http request", attrs...)
}

// WriteHeader implements http.ResponseWriter.
func (x *exchange) WriteHeader(status int) {
	if x.status == 0 && status >= http.StatusOK {
		x.status = status
	}
	x.ResponseWriter.WriteHeader(status)
}

// Write implements http.ResponseWriter.
func (x *exchange) Write(b []byte) (int, error) {
	if x.status == 0 {
		x.status = http.StatusOK
	}
	return x.ResponseWriter.Write(b)
}

// Unwrap lets http.ResponseController reach the connection.
func (x *exchange) Unwrap() http.ResponseWriter { return x.ResponseWriter }
