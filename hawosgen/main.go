// Command hawosgen turns protos annotated with protocol IDs into a realtime
// backend, and runs it on this machine. Run hawosgen help.
package main

import (
	"context"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"

	"github.com/hawos/hawos/hawosgen/cli"
)

func main() {
	// A short life with much to allocate: memory is cheaper than collecting it.
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(400)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	status := cli.Main(ctx, os.Args[1:], os.Stdout, os.Stderr)
	stop()
	os.Exit(status)
}
