package app

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"strconv"
	"sync"
	"time"

	"github.com/hawos/hawos/runtime/registry"
)

// stopTimeout is how long the parts may take to stop once they are drained, or
// the time for that is over.
const stopTimeout = 5 * time.Second

// Run starts the app, waits until ctx ends or a part fails, drains and stops it.
// It returns nil when ctx ended and the stop was clean, and else all that went
// wrong. It is called once.
func (a *App) Run(ctx context.Context) error {
	err := a.start(ctx)
	if err == nil {
		a.log.Info("ready", a.endpoints()...)
		select {
		case <-ctx.Done():
			a.log.Info("stopping", "cause", context.Cause(ctx).Error())
		case err = <-a.failed:
			a.log.Error("stopping, for a part failed", "err", err)
		}
		err = errors.Join(err, a.drain())
	} else if ctx.Err() != nil {
		err = nil // told to stop while it started
	}
	err = errors.Join(err, a.stop())
	a.log.Info("stopped")
	if a.logFile != nil {
		err = errors.Join(err, a.logFile.Close())
	}
	return err
}

// start listens, then registers: from then on others call.
func (a *App) start(ctx context.Context) error {
	if err := a.serveRPC(ctx); err != nil {
		return err
	}
	for _, s := range a.servers {
		if err := s.Start(ctx); err != nil {
			return err
		}
		if f, ok := s.(failer); ok {
			a.watch(f)
		}
	}
	if err := a.admin.Start(ctx); err != nil {
		return err
	}
	a.watch(a.admin)
	if err := a.register(ctx); err != nil {
		return err
	}
	a.admin.Ready()
	return nil
}

func (a *App) serveRPC(ctx context.Context) error {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", net.JoinHostPort(a.config.RPC.IP, strconv.Itoa(a.config.RPC.Port)))
	if err != nil {
		return fmt.Errorf("serve rpc: %w", err)
	}
	a.address = l.Addr().String()
	a.running.Go(func() {
		if err := a.rpc.Serve(l); err != nil {
			a.fail(fmt.Errorf("serve rpc at %s: %w", a.address, err))
		}
	})
	return nil
}

// watch makes the app stop when the part fails.
func (a *App) watch(f failer) {
	a.running.Go(func() {
		select {
		case err := <-f.Failed():
			a.fail(err)
		case <-a.ended:
		}
	})
}

func (a *App) fail(err error) {
	select {
	case a.failed <- err:
	default: // another was first
	}
}

func (a *App) register(ctx context.Context) error {
	if a.drivers.registry == nil {
		return nil
	}
	var err error
	a.published, err = a.drivers.registry.Register(ctx, a.self(registry.Ready))
	return err
}

// self returns what the registry tells others of this instance.
func (a *App) self(s registry.State) registry.Instance {
	version := ""
	if b, ok := debug.ReadBuildInfo(); ok {
		version = b.Main.Version
	}
	return registry.Instance{
		App: a.name, ID: a.instance, Address: advertised(a.config, a.address), Admin: a.admin.Addr(), WS: a.websocket(),
		Version: version, State: s, Started: a.started, Epoch: a.epoch, Entries: a.link.Entries(),
	}
}

// endpoints returns the attributes of the line that says ready.
func (a *App) endpoints() []any {
	attrs := []any{"app", a.name, "rpc", a.address, "admin", a.admin.Addr()}
	for _, s := range a.servers {
		if e, ok := s.(endpoint); ok {
			kind, address := e.Endpoint()
			attrs = append(attrs, kind, address)
		}
	}
	return attrs
}

// drain tells the world that the instance takes nothing new, lets everybody
// finish what has begun, and takes the instance out of the registry.
func (a *App) drain() error {
	a.admin.NotReady("draining")
	ctx, cancel := context.WithTimeout(context.Background(), a.config.DrainTimeout)
	defer cancel()
	faults := make([]error, len(a.servers)+3)
	if a.published != nil {
		faults[0] = a.published.Update(ctx, a.self(registry.Draining))
	}
	var all sync.WaitGroup
	all.Go(func() { faults[1] = a.link.Drain(ctx) })
	for i, s := range a.servers {
		all.Go(func() { faults[3+i] = s.Drain(ctx) })
	}
	all.Wait()
	if a.published != nil {
		ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
		defer cancel()
		faults[2] = a.published.Close(ctx)
	}
	return errors.Join(faults...)
}

// stop ends whatever New and Run have begun, in reverse order, and waits for it.
func (a *App) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), stopTimeout)
	defer cancel()
	var faults []error
	stop := func(err error) { faults = append(faults, err) }
	for i := len(a.servers) - 1; i >= 0; i-- {
		stop(a.servers[i].Stop(ctx))
	}
	if a.link != nil {
		stop(a.link.Close(ctx))
		stop(a.rpc.Stop(ctx))
	}
	for i := len(a.onStop) - 1; i >= 0; i-- {
		stop(a.onStop[i](ctx))
	}
	if a.producer != nil {
		stop(a.producer.Close(ctx))
	}
	if a.unwatch != nil {
		a.unwatch()
	}
	if a.dialer != nil {
		stop(a.dialer.Close())
	}
	stop(a.admin.Stop(ctx))
	close(a.ended)
	a.running.Wait()
	stop(a.drivers.close())
	return errors.Join(faults...)
}
