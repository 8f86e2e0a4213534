// Command test-client is a crowd that chats, and checks that everything sent is
// heard. It exits with 1 when something was lost, doubled or out of order.
//
//	test-client -id 1,2,3 -cnt 100 -duration 10s
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"

	"github.com/hawos/hawos/sample/internal/load"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ok, err := run(ctx, os.Args[1:])
	if err != nil {
		fmt.Fprintln(os.Stderr, "test-client:", err)
	}
	if err != nil || !ok {
		os.Exit(1)
	}
}

// run reports whether everything was heard.
func run(ctx context.Context, args []string) (bool, error) {
	var o load.Options
	f := flag.NewFlagSet("test-client", flag.ExitOnError)
	ids := f.String("id", "1", "groups of clients, with commas; a group's clients are called u<id>-1, u<id>-2, …")
	f.IntVar(&o.Count, "cnt", 10, "clients per group")
	f.Float64Var(&o.Rate, "rate", 0, "messages of a client per second; 0: as many as two CPUs carry, at most 2")
	f.DurationVar(&o.Duration, "duration", 10*time.Second, "how long they talk")
	f.StringVar(&o.Room, "room", "", "one room for all; empty: rooms of 20 clients, load-<id>-1, load-<id>-2, …")
	f.StringVar(&o.Config, "config", "", "URL of the config service; empty: where hawosgen up started it, else "+defaultConfig)
	_ = f.Parse(args) // exits by itself
	o.IDs = strings.Split(*ids, ",")
	if o.Config == "" {
		o.Config = findConfig()
	}
	o.Progress = func(line string) { fmt.Println(line) }

	p, err := load.NewPlan(o)
	if err != nil {
		return false, err
	}
	fmt.Printf("%d clients at %s, each %.2f messages/s for %v\n", len(p.Members), p.Config, p.Rate, p.Duration)
	report, err := load.Run(ctx, p)
	if err != nil {
		return false, err
	}
	fmt.Println()
	if err := report.Print(os.Stdout); err != nil {
		return false, err
	}
	return report.OK() && report.Sent > 0, nil
}
