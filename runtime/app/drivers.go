package app

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"strings"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/directory"
	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/rpc"
	"github.com/hawos/hawos/runtime/session"
)

// Drivers are the servers that a main lets its app use. Each field is the Open
// of a driver package; nil is none.
type Drivers struct {
	Registry  func(context.Context, config.Config, *slog.Logger) (registry.Registry, error)
	Directory func(context.Context, config.Config, *slog.Logger) (directory.Directory, error)
	// Brokers are the queues by queue.type; the one that the settings name is
	// opened. Empty: the process pushes nothing.
	Brokers Brokers
}

// Brokers are the Open functions of queue drivers by queue.type.
type Brokers map[string]func(context.Context, config.Config, *slog.Logger) (push.Broker, error)

// opened are the drivers in use.
type opened struct {
	registry  registry.Registry
	directory directory.Directory
	broker    push.Broker
}

// open opens the drivers and makes what stands on them. What it opened before an
// error is left to stop.
func (a *App) open(ctx context.Context, d Drivers) error {
	if err := a.openDrivers(ctx, d); err != nil {
		return err
	}
	if err := a.openRPC(); err != nil {
		return err
	}
	return a.openPush(ctx)
}

func (a *App) openDrivers(ctx context.Context, d Drivers) error {
	var faults [3]error
	if d.Registry != nil {
		a.drivers.registry, faults[0] = d.Registry(ctx, a.config, a.log)
	}
	if d.Directory != nil {
		a.drivers.directory, faults[1] = d.Directory(ctx, a.config, a.log)
	}
	if len(d.Brokers) > 0 {
		open := d.Brokers[a.config.Queue.Type]
		if open == nil {
			known := slices.Sorted(maps.Keys(d.Brokers))
			faults[2] = fmt.Errorf("queue.type %q: this program has %s", a.config.Queue.Type, strings.Join(known, ", "))
		} else {
			a.drivers.broker, faults[2] = open(ctx, a.config, a.log)
		}
	}
	a.countBadValues()
	return errors.Join(faults[:]...)
}

// countBadValues exports how many values the registry could not read, where it
// says so.
func (a *App) countBadValues() {
	r, ok := a.drivers.registry.(interface{ BadValues() uint64 })
	if !ok {
		return
	}
	a.metrics.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
		Name: "hawos_registry_bad_values_total", Help: "Values in the registry that could not be read and were passed over.",
	}, func() float64 { return float64(r.BadValues()) }))
}

func (a *App) openRPC() error {
	serverTLS, err := a.config.RPC.TLS.Server()
	if err != nil {
		return fmt.Errorf("rpc.%w", err)
	}
	clientTLS, err := a.config.RPC.TLS.Client()
	if err != nil {
		return fmt.Errorf("rpc.%w", err)
	}
	a.dialer = rpc.NewDialer(rpc.DialerOptions{
		Registry: a.drivers.registry, Token: a.config.RPC.Token, TLS: clientTLS, Log: a.log, Metrics: a.metrics,
	})
	a.rpc = rpc.NewServer(rpc.ServerOptions{
		Token: a.config.RPC.Token, TLS: serverTLS, Codec: link.Codec{}, Log: a.log, Metrics: a.metrics,
	})
	a.link = link.NewServer(link.ServerOptions{
		Instance: a.instance, Epoch: a.epoch, Namespace: a.config.Namespace, Log: a.log, Metrics: a.metrics,
	})
	return nil
}

// openPush makes the producer of pushes, which asks the directory who has
// receivers and the registry which of those are alive.
func (a *App) openPush(ctx context.Context) error {
	d := a.drivers
	if d.broker == nil || d.directory == nil || d.registry == nil {
		a.sender = noSender{}
		return nil
	}
	stop, err := d.registry.Watch(context.WithoutCancel(ctx), func(live []registry.Instance) {
		epochs := make(map[string]string, len(live))
		for _, i := range live {
			epochs[i.ID] = i.Epoch
		}
		a.epochs.Store(&epochs)
	})
	if err != nil {
		return err
	}
	a.unwatch = stop
	a.producer, err = push.NewProducer(push.ProducerOptions{
		Instance: a.instance, Epoch: a.epoch, Namespace: a.config.Namespace, Broker: d.broker,
		Interest: directory.Interest(d.directory, func() map[string]string { return *a.epochs.Load() }),
		Log:      a.log, Metrics: a.metrics, Trace: session.Trace,
	})
	if err != nil {
		return err
	}
	a.sender = a.producer
	return nil
}

// close closes the drivers that are open.
func (o opened) close() error {
	var faults []error
	if o.broker != nil {
		faults = append(faults, o.broker.Close())
	}
	if o.directory != nil {
		faults = append(faults, o.directory.Close())
	}
	if o.registry != nil {
		faults = append(faults, o.registry.Close())
	}
	return errors.Join(faults...)
}

type noSender struct{}

var errNoQueue = errors.New("push: the program's main names no Registry, Directory or Brokers in app.Drivers")

func (noSender) Send(context.Context, push.Message) error { return errNoQueue }
