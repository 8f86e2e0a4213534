package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"os"

	"github.com/hawos/hawos/bench/control"
	"github.com/hawos/hawos/bench/systems"
)

// place is what a process says when it is ready, as a line of JSON.
type place struct {
	Addr    string // what it serves; more than one with commas
	Control string // see package control
}

func say(addr string, push func(context.Context) error) error {
	at, err := control.Serve(push)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(place{addr, at})
}

// role is one program of a system. It runs until ctx ends or, where it has
// nothing to tidy, until the process does. args are addresses of others.
type role func(ctx context.Context, args []string) error

func roles() map[string]role {
	return map[string]role{
		"registry":       registry,
		"broker":         broker,
		"hawos-frontend": hawosFrontend,
		"hawos-logic":    hawosLogic,
		"unary-logic":    serving(systems.UnaryLogic),
		"unary-gateway":  gateway(systems.UnaryGateway),
		"tcp-logic":      serving(systems.TCPLogic),
		"tcp-gateway":    gateway(systems.TCPGateway),
		"echo":           serving(systems.Echo),
		"centrifuge":     centrifuge,
	}
}

// runRole runs until standard input ends, so that nothing outlives the
// orchestrator.
func runRole(args []string) error {
	if len(args) == 0 || roles()[args[0]] == nil {
		return fmt.Errorf("no role %q", args)
	}
	ctx, stop := context.WithCancel(context.Background())
	defer stop()
	ended := make(chan error, 1)
	go func() { ended <- roles()[args[0]](ctx, args[1:]) }()
	closed := make(chan struct{})
	go func() { _, _ = io.Copy(io.Discard, os.Stdin); close(closed) }()
	select {
	case err := <-ended:
		return err
	case <-closed:
	}
	switch args[0] {
	case "registry", "broker", "hawos-frontend", "hawos-logic": // the others do not hear of ctx
		stop()
		return <-ended
	}
	return nil
}

func registry(ctx context.Context, _ []string) error {
	dir, err := os.MkdirTemp("", "hawos-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	etcd, redis, end, err := systems.StartRegistry(dir)
	if err != nil {
		return err
	}
	defer end()
	if err := say(etcd+","+redis, nil); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func broker(ctx context.Context, _ []string) error {
	addr, end, err := systems.StartBroker()
	if err != nil {
		return err
	}
	defer end()
	if err := say(addr, nil); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func hawosFrontend(ctx context.Context, args []string) error {
	var fault error
	err := systems.HawosFrontend(ctx, systems.ParseServers(args[0]), func(addr string) { fault = say(addr, nil) })
	if fault != nil {
		return fault
	}
	return err
}

func hawosLogic(ctx context.Context, args []string) error {
	var fault error
	err := systems.HawosLogic(ctx, systems.ParseServers(args[0]), args[1], func(push func(context.Context) error) { fault = say("", push) })
	if fault != nil {
		return fault
	}
	return err
}

func serving(serve func(net.Listener) error) role {
	return func(context.Context, []string) error { return listenAndSay(serve, nil) }
}

func gateway(serve func(l net.Listener, logic string) error) role {
	return func(_ context.Context, args []string) error {
		return listenAndSay(func(l net.Listener) error { return serve(l, args[0]) }, nil)
	}
}

func centrifuge(context.Context, []string) error {
	serve, push, err := systems.Centrifuge()
	if err != nil {
		return err
	}
	return listenAndSay(serve, push)
}

func listenAndSay(serve func(net.Listener) error, push func(context.Context) error) error {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	if err := say(l.Addr().String(), push); err != nil {
		return err
	}
	return serve(l)
}
