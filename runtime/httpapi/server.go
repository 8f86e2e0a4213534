// Package httpapi serves a project's HTTP API: Handle turns a function over
// structs or proto messages into a JSON endpoint whose errors carry codes as on
// the websocket, and Server runs the handlers with limits, recovered panics and
// a graceful end. It is net/http underneath; any http.Handler may stand beside.
package httpapi

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/hawos/hawos/runtime/config"
)

// Server is an HTTP server with the life of an app's part: New, Start, Drain,
// Stop.
type Server struct {
	address string
	http    http.Server
	at      net.Addr
	failed  chan error    // takes one error when serving ends by itself
	done    chan struct{} // closed when serving has ended; nil before Start
}

// New returns a server for h under the default Limits. Port 0 is any free one.
func New(c config.Listen, h http.Handler, log *slog.Logger) *Server {
	return NewPlain(c, Limits{}.Wrap(h, log), log)
}

// NewPlain returns a server that adds nothing to h but a limit on the time that
// a request's header may take.
func NewPlain(c config.Listen, h http.Handler, log *slog.Logger) *Server {
	s := &Server{address: net.JoinHostPort(c.IP, strconv.Itoa(c.Port)), failed: make(chan error, 1)}
	s.http = http.Server{
		Handler:           h,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		MaxHeaderBytes:    64 << 10,
		ErrorLog:          slog.NewLogLogger(log.Handler(), slog.LevelDebug), // what clients do wrong
	}
	return s
}

// Start returns when the server listens. It is called once.
func (s *Server) Start(ctx context.Context) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", s.address)
	if err != nil {
		return fmt.Errorf("serve HTTP: %w", err)
	}
	s.at, s.done = l.Addr(), make(chan struct{})
	go func() { // Stop waits for it
		defer close(s.done)
		if err := s.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			s.failed <- fmt.Errorf("serve HTTP at %s: %w", s.at, err)
		}
	}()
	return nil
}

// Addr returns the address that the server listens on, with its real port; ""
// before Start.
func (s *Server) Addr() string {
	if s.at == nil {
		return ""
	}
	return s.at.String()
}

// Failed gives an error when the server ends by itself.
func (s *Server) Failed() <-chan error { return s.failed }

// Drain takes no new connections and returns when the requests under way are
// answered, or with ctx.
func (s *Server) Drain(ctx context.Context) error {
	if err := s.http.Shutdown(ctx); err != nil {
		return fmt.Errorf("drain HTTP at %s: %w", s.address, err)
	}
	return nil
}

// Stop cuts off what is left and waits until serving has ended. It may be called
// without Start, and twice.
func (s *Server) Stop(ctx context.Context) error {
	err := s.http.Close()
	if s.done == nil {
		return err
	}
	select {
	case <-s.done:
		return err
	case <-ctx.Done():
		return fmt.Errorf("stop HTTP at %s: %w", s.address, ctx.Err())
	}
}

// Endpoint names the server in the app's line that says ready.
func (s *Server) Endpoint() (kind, address string) { return "http", s.Addr() }
