// Command hawos-infra runs the servers that a hawos project needs, for development on one machine: etcd, Redis and
// a broker. It is a program of its own because the embedded servers would make hawosgen ten times as big; hawosgen
// up builds and runs it.
//
// It prints what it started and what of that is a stand-in, writes the addresses into --state, keeps its data in
// --data over a restart and its ports where they are free, and stops at SIGINT or SIGTERM.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "hawos-infra:", err)
		os.Exit(1)
	}
}

// run starts the servers that args name, waits for the end of ctx and stops them.
func run(ctx context.Context, args []string, out io.Writer) error {
	o, err := parse(args, out)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	s, err := start(o, out)
	if err != nil {
		return errors.Join(err, s.close())
	}
	fmt.Fprintln(out, "ready")
	<-ctx.Done()
	fmt.Fprintln(out, "stopping")
	return s.close()
}

func parse(args []string, out io.Writer) (options, error) {
	o := options{ports: make(map[string]int)}
	fs := flag.NewFlagSet("hawos-infra", flag.ContinueOnError)
	fs.SetOutput(out)
	parts := fs.String("parts", "etcd,redis,kafka", "servers to run, of: "+strings.Join(partNames(), ", "))
	fs.StringVar(&o.data, "data", filepath.Join(".hawos", "data"), "folder that keeps their data")
	fs.StringVar(&o.state, "state", filepath.Join(".hawos", "infra.json"), "file to write the addresses to, and to take the last ports from")
	fs.BoolVar(&o.standIns, "stand-ins", false, "do not use redis-server and nsqd of this machine")
	for _, name := range partNames() {
		fs.Func(name+"-port", "port of "+name+" (0: the last one if free, else any)", portFlag(o.ports, name))
	}
	if err := fs.Parse(args); err != nil {
		return o, err
	}
	if fs.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q", fs.Arg(0))
	}
	o.parts = strings.Split(*parts, ",")
	return o, nil
}
