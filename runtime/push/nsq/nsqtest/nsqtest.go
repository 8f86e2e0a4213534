// Package nsqtest stands in for nsqd and nsqlookupd within one process, for
// tests and for development on machines without NSQ. It is written from NSQ's
// public protocol description (https://nsq.io/clients/tcp_protocol_spec.html)
// and is not the real server: no TLS, no compression, one lock, memory only
// between Start and Close.
package nsqtest

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

// Options say where a Server listens and what it allows. The zero value is a
// server on free ports of 127.0.0.1 that keeps nothing.
type Options struct {
	// NSQD is the TCP address, host:port. Default: a free port of 127.0.0.1.
	NSQD string
	// HTTP is the address of nsqd's HTTP API. Default: the port after NSQD's, as
	// with the real one's 4150 and 4151.
	HTTP string
	// Lookupd is the HTTP address of the lookup service. Default: a free port of
	// 127.0.0.1.
	Lookupd string
	// Dir is an existing or new folder where Close leaves queued messages for the
	// next Start. Default: they are dropped.
	Dir string

	MsgTimeout time.Duration // after which an unfinished message is sent again; default 60 s
	MaxMessage int           // largest message in bytes; default 1 MiB
	Log        *slog.Logger  // default: none
}

// Server is a running nsqd with its lookup service.
type Server struct {
	o       Options
	tcp     net.Listener
	http    net.Listener
	lookupd net.Listener
	servers []*http.Server
	started time.Time
	stop    chan struct{}
	tasks   sync.WaitGroup
	once    sync.Once
	err     error

	mu     sync.Mutex // guards all below, and all topics and channels
	closed bool
	topics map[string]*topic
	conns  map[*conn]bool
	lastID uint64
}

// Start listens on all three addresses and takes up what an earlier server left
// in Dir. The server is the caller's to close.
func Start(o Options) (*Server, error) {
	if o.MsgTimeout <= 0 {
		o.MsgTimeout = 60 * time.Second
	}
	if o.MaxMessage <= 0 {
		o.MaxMessage = 1 << 20
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	s := &Server{
		o: o, started: time.Now(), stop: make(chan struct{}),
		topics: map[string]*topic{}, conns: map[*conn]bool{}, lastID: uint64(time.Now().UnixNano()),
	}
	if o.Dir != "" {
		if err := os.MkdirAll(o.Dir, 0o755); err != nil {
			return nil, fmt.Errorf("nsqtest: %w", err)
		}
		if err := s.load(); err != nil {
			return nil, fmt.Errorf("nsqtest: %w", err)
		}
	}
	if err := s.listen(); err != nil {
		return nil, fmt.Errorf("nsqtest: %w", err)
	}
	s.serveHTTP(s.http, s.nsqdAPI())
	s.serveHTTP(s.lookupd, s.lookupdAPI())
	s.tasks.Go(s.accept)
	s.tasks.Go(s.tick)
	return s, nil
}

// NSQD returns the TCP address, host:port.
func (s *Server) NSQD() string { return s.tcp.Addr().String() }

// HTTP returns the address of nsqd's HTTP API, host:port.
func (s *Server) HTTP() string { return s.http.Addr().String() }

// Lookupd returns the HTTP address of the lookup service, host:port.
func (s *Server) Lookupd() string { return s.lookupd.Addr().String() }

// Close breaks all connections, saves what is queued if there is a Dir, and
// waits for all goroutines. A second call returns what the first did.
func (s *Server) Close() error {
	s.once.Do(func() { s.err = s.shutdown() })
	return s.err
}

func (s *Server) shutdown() error {
	close(s.stop)
	errs := []error{s.tcp.Close()}
	for _, h := range s.servers {
		errs = append(errs, h.Close())
	}
	s.Interrupt()
	s.mu.Lock()
	s.closed = true
	s.mu.Unlock()
	s.Interrupt() // those accepted meanwhile
	s.tasks.Wait()
	if s.o.Dir != "" {
		errs = append(errs, s.save())
	}
	return errors.Join(errs...)
}

// Interrupt breaks all TCP connections, as a network does.
func (s *Server) Interrupt() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for c := range s.conns {
		_ = c.net.Close() // its reader notices
	}
}

// Free pairs of ports are looked for below those that systems give to outgoing
// connections: there the next port is rarely in use.
const firstPair, lastPair = 15_000, 30_000

// listen opens the listeners. Without given addresses it looks for two free
// ports in a row.
func (s *Server) listen() (err error) {
	for range 100 {
		address := s.o.NSQD
		if address == "" {
			address = net.JoinHostPort("127.0.0.1", strconv.Itoa(firstPair+rand.IntN(lastPair-firstPair)))
		}
		if s.tcp, err = net.Listen("tcp", address); err == nil {
			if s.http, err = net.Listen("tcp", s.httpAddress()); err == nil {
				break
			}
			_ = s.tcp.Close() // nobody knows it yet
		}
		if s.o.NSQD != "" || s.o.HTTP != "" {
			return err
		}
	}
	if err != nil {
		return err
	}
	if s.lookupd, err = net.Listen("tcp", orFree(s.o.Lookupd)); err != nil {
		return errors.Join(err, s.tcp.Close(), s.http.Close())
	}
	return nil
}

func (s *Server) httpAddress() string {
	if s.o.HTTP != "" {
		return s.o.HTTP
	}
	a := s.tcp.Addr().(*net.TCPAddr)
	return net.JoinHostPort(a.IP.String(), strconv.Itoa(a.Port+1))
}

func orFree(address string) string {
	if address == "" {
		return "127.0.0.1:0"
	}
	return address
}

func (s *Server) serveHTTP(l net.Listener, h http.Handler) {
	server := &http.Server{Handler: h, ReadHeaderTimeout: 10 * time.Second}
	s.servers = append(s.servers, server)
	s.tasks.Go(func() { _ = server.Serve(l) }) // ends with Close
}

func (s *Server) accept() {
	for {
		c, err := s.tcp.Accept()
		if err != nil {
			return // closed
		}
		s.serve(c)
	}
}

// tick sends unfinished messages again, and deferred ones when they are due.
func (s *Server) tick() {
	t := time.NewTicker(50 * time.Millisecond)
	defer t.Stop()
	for {
		select {
		case <-s.stop:
			return
		case now := <-t.C:
			s.mu.Lock()
			for _, t := range s.topics {
				for _, c := range t.channels {
					c.expire(now)
				}
			}
			s.mu.Unlock()
		}
	}
}
