// Package embedded starts the servers that a project needs inside this process or beside it: etcd, a broker
// that speaks Kafka's protocol, Redis and NSQ. It is for development and for tests, never for production: all of
// them listen on 127.0.0.1 only, without authentication.
//
// Start with Etcd, Kafka, MiniRedis or Redis; each returns a *Server that has its address and is closed once.
package embedded

import (
	"fmt"
	"net"
	"strconv"
	"sync"
)

// Host is the only address that the servers of this package listen on.
const Host = "127.0.0.1"

// Options says where a server keeps its data and where it listens.
type Options struct {
	// Dir holds the server's data, made if it does not exist. What an earlier server left there is taken up.
	// Etcd needs one; empty keeps the others' data in memory alone.
	Dir string
	// Port to listen on; 0: any free one.
	Port int
	// Durable waits for the disk at each write (etcd alone). The default survives a kill of the process,
	// though not of the machine, and is several times faster.
	Durable bool
}

// Server is a running server. Its methods may be called concurrently.
type Server struct {
	name    string
	addr    string
	standIn string
	close   func() error
	closed  sync.Once
	err     error
}

// Name is the server's kind: "etcd", "kafka", "redis" or "nsq".
func (s *Server) Name() string { return s.name }

// Addr is where clients reach the server, as host:port.
func (s *Server) Addr() string { return s.addr }

// StandIn says what the server is where it only stands in for the real one, in words for a person; empty: it is real.
func (s *Server) StandIn() string { return s.standIn }

// Close stops the server, saves its data where it has a directory, and waits for both. A second call returns
// what the first one did.
func (s *Server) Close() error {
	s.closed.Do(func() {
		if err := s.close(); err != nil {
			s.err = fmt.Errorf("close %s at %s: %w", s.name, s.addr, err)
		}
	})
	return s.err
}

func (o Options) hostPort() string {
	return net.JoinHostPort(Host, strconv.Itoa(o.Port))
}
