package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hawos/hawos/hawosgen/infra/embedded"
	"github.com/hawos/hawos/hawosgen/infra/state"
)

type options struct {
	parts    []string
	data     string
	state    string
	ports    map[string]int // by part; 0 or missing: the last one, else any
	standIns bool
}

// servers are the running ones, in the order in which they were started.
type servers []*embedded.Server

// start starts all parts. What it returns is to be closed, also with an error.
func start(o options, out io.Writer) (servers, error) {
	last, err := state.Read(o.state)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	var running servers
	now := state.State{PID: os.Getpid()}
	for _, name := range o.parts {
		s, err := startPart(name, o, last)
		if err != nil {
			return running, err
		}
		running = append(running, s)
		now.Servers = append(now.Servers, state.Server{Name: s.Name(), Addr: s.Addr(), StandIn: s.StandIn()})
		fmt.Fprintf(out, "%-5s  %s%s\n", s.Name(), s.Addr(), remark(s))
	}
	return running, state.Write(o.state, now)
}

func startPart(name string, o options, last state.State) (*embedded.Server, error) {
	open := opener(name, o.standIns)
	if open == nil {
		return nil, fmt.Errorf("no part %q: there are %s", name, strings.Join(partNames(), ", "))
	}
	so := embedded.Options{Dir: filepath.Join(o.data, name), Port: o.ports[name], Durable: true}
	if so.Port != 0 {
		return open(so)
	}
	if so.Port = lastPort(last, name); so.Port != 0 {
		if l, err := net.Listen("tcp", last.Addr(name)); err == nil {
			l.Close()
			return open(so)
		}
		so.Port = 0
	}
	return open(so)
}

// opener returns what starts a part; nil for an unknown one.
func opener(name string, standIns bool) func(embedded.Options) (*embedded.Server, error) {
	switch name {
	case "etcd":
		return embedded.Etcd
	case "kafka":
		return embedded.Kafka
	case "redis":
		if standIns {
			return embedded.MiniRedis
		}
		return embedded.Redis
	case "nsq":
		if standIns {
			return embedded.NSQTest
		}
		return embedded.NSQ
	}
	return nil
}

func partNames() []string { return []string{"etcd", "redis", "kafka", "nsq"} }

// close stops the servers, the last started first, and returns all faults.
func (s servers) close() error {
	var errs []error
	for _, server := range slices.Backward(s) {
		errs = append(errs, server.Close())
	}
	return errors.Join(errs...)
}

func remark(s *embedded.Server) string {
	if s.StandIn() == "" {
		return ""
	}
	return "  " + s.StandIn()
}

func lastPort(last state.State, name string) int {
	_, port, err := net.SplitHostPort(last.Addr(name))
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(port)
	return n
}

// portFlag parses the value of a flag --NAME-port into ports.
func portFlag(ports map[string]int, name string) func(string) error {
	return func(value string) error {
		n, err := strconv.ParseUint(value, 10, 16)
		if err != nil {
			return errors.New("a port is 0 to 65535")
		}
		ports[name] = int(n)
		return nil
	}
}
