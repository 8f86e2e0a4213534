package app

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"os/signal"
	"syscall"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/log"
)

// Main is the whole main of a service: it reads the settings of the appName from
// files, environment and flags, runs the app until SIGINT or SIGTERM, and ends
// the process: with 0 after a clean stop, else with 1. A second signal ends it at
// once.
func Main(name string, d Drivers, setup func(context.Context, *App) error) {
	var c config.Config
	MainWith(name, &c, d, setup)
}

// MainWith is Main for a service with settings of its own: settings points to a
// struct that has a config.Config inline, as config.LoadInto wants. It is filled
// when setup is called.
func MainWith(name string, settings any, d Drivers, setup func(context.Context, *App) error) {
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	p := process{args: os.Args[1:], stdout: os.Stdout, stderr: os.Stderr, signals: signals}
	os.Exit(p.run(name, settings, d, setup))
}

// process is what Main has of the operating system.
type process struct {
	args           []string
	stdout, stderr io.Writer
	signals        <-chan os.Signal
}

// run returns the exit status.
func (p process) run(name string, settings any, d Drivers, setup Setup) int {
	err := config.LoadInto(name, p.args, settings)
	var answer *config.Answer
	if errors.As(err, &answer) {
		fmt.Fprint(p.stdout, answer.Text)
		return 0
	}
	if err != nil {
		fmt.Fprintf(p.stderr, "%s does not start: its settings are wrong\n%v\n", name, err)
		return 1
	}
	c, err := config.Within(settings)
	if err == nil {
		var l *slog.Logger
		var file io.Closer
		if l, file, err = log.Open(c.Log, c.Mode, name+"-"+c.ID, p.stderr); err == nil {
			defer file.Close()
			return p.supervise(l, func(ctx context.Context) error { return buildAndRun(ctx, name, c, d, setup, l) })
		}
	}
	fmt.Fprintf(p.stderr, "%s does not start: %v\n", name, err)
	return 1
}

func buildAndRun(ctx context.Context, name string, c config.Config, d Drivers, setup Setup, l *slog.Logger) error {
	a, err := build(ctx, name, c, d, setup, l)
	switch {
	case err == nil:
		return a.Run(ctx)
	case errors.Is(err, context.Canceled) && ctx.Err() != nil:
		return nil // told to stop while it was set up
	}
	return err
}

// supervise calls run, ends its context at the first signal, and returns the
// exit status: at the second signal without waiting for run.
func (p process) supervise(l *slog.Logger, run func(context.Context) error) int {
	ctx, stop := context.WithCancelCause(context.Background())
	defer stop(nil)
	ended := make(chan error, 1)
	go func() { ended <- run(ctx) }()
	for told := false; ; told = true {
		select {
		case s := <-p.signals:
			if told {
				l.Error("stopped at once by a second signal", "signal", s.String())
				return 1
			}
			stop(fmt.Errorf("signal %s", s))
		case err := <-ended:
			if err != nil {
				l.Error("ended with an error", "err", err)
				return 1
			}
			return 0
		}
	}
}
