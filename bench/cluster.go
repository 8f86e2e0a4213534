package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/hawos/hawos/bench/load"
	"github.com/hawos/hawos/bench/systems"
)

// servers are what hawos needs besides its own processes.
type servers struct {
	systems.Servers
	broker    *process
	processes []*process
}

func startServers(ctx context.Context) (*servers, error) {
	s := &servers{}
	for _, role := range []string{"registry", "broker"} {
		p, err := start(ctx, "", role)
		if err != nil {
			s.stop()
			return nil, err
		}
		s.processes = append(s.processes, p)
	}
	s.Etcd, s.Redis, _ = strings.Cut(s.processes[0].Addr, ",")
	s.broker = s.processes[1]
	s.Kafka = s.broker.Addr
	return s, nil
}

func (s *servers) stop() {
	for _, p := range s.processes {
		p.stop()
	}
}

// cluster is a system that runs.
type cluster struct {
	system    string
	program   string
	addr      string            // of the websockets
	pusher    string            // control address
	watch     map[string]string // control addresses whose cost counts
	processes []*process
}

// startSystem starts the processes of a system: the gateway, which clients
// connect to, and where there is one the logic service behind it.
//
// program is what runs them; empty is this one.
func startSystem(ctx context.Context, system, program string, s *servers) (*cluster, error) {
	c := &cluster{system: system, program: program, watch: map[string]string{}}
	err := c.start(ctx, s)
	if err != nil {
		c.stop()
		return nil, err
	}
	return c, nil
}

func (c *cluster) start(ctx context.Context, s *servers) error {
	switch c.system {
	case "hawos", "before":
		return c.hawos(ctx, s, 1)
	case "hawos-2":
		return c.hawos(ctx, s, 2)
	case "hawos-8":
		return c.hawos(ctx, s, 8)
	case "unary", "tcp":
		logic, err := c.add(ctx, "logic", c.system+"-logic")
		if err != nil {
			return err
		}
		_, err = c.add(ctx, "gateway", c.system+"-gateway", logic.Addr)
		return err
	case "echo", "centrifuge":
		p, err := c.add(ctx, "gateway", c.system)
		if err == nil {
			c.pusher = p.Control
		}
		return err
	}
	return fmt.Errorf("no system %q", c.system)
}

// hawos starts a frontend and so many instances of the logic service.
func (c *cluster) hawos(ctx context.Context, s *servers, instances int) error {
	at := s.Servers
	at.Namespace = c.system
	for n := range instances {
		logic, err := c.add(ctx, fmt.Sprintf("logic %d", n+1), "hawos-logic", at.String(), strconv.Itoa(n+1))
		if err != nil {
			return err
		}
		c.pusher = logic.Control
	}
	c.watch["broker"] = s.broker.Control
	_, err := c.add(ctx, "gateway", "hawos-frontend", at.String())
	return err
}

func (c *cluster) add(ctx context.Context, part, role string, args ...string) (*process, error) {
	p, err := start(ctx, c.program, role, args...)
	if err != nil {
		return nil, err
	}
	c.processes = append(c.processes, p)
	c.watch[part] = p.Control
	if part == "gateway" {
		c.addr = p.Addr
	}
	return p, nil
}

func (c *cluster) stop() {
	for i := len(c.processes) - 1; i >= 0; i-- {
		c.processes[i].stop()
	}
}

// do does the scenario's work.
func (c *cluster) do(ctx context.Context, s scenario) (load.Result, error) {
	o := s.Load
	o.Addr, o.Pusher, o.Watch = c.addr, c.pusher, c.watch
	if o.Trouble != nil {
		trouble := *o.Trouble
		trouble.Stop = c.processes[0].cmd.Process.Pid // a logic service
		o.Trouble = &trouble
	}
	switch {
	case c.system == "centrifuge":
		o.Dialect = load.Centrifuge
	case c.system != "before" && !strings.HasPrefix(c.system, "hawos"):
		o.Dialect = load.Plain
	case o.Pushes > 0:
		o.Dialect = load.Member
	default:
		o.Dialect = load.Hawos
	}
	return generate(ctx, o)
}
