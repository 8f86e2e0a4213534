// Package app is a process of a project: it opens the drivers that its main
// names, lets setup put the parts together, listens, registers, waits for a
// signal, drains, deregisters and stops. A main calls Main; a test New and Run.
// What a process serves is given to App in setup: services by generated code,
// other parts by Serve.
package app

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"google.golang.org/grpc"

	"github.com/hawos/hawos/runtime/admin"
	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/directory"
	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/log"
	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/rpc"
)

// Setup puts a process together: it makes the parts and registers them on a. ctx
// ends when the process is told to stop.
type Setup func(ctx context.Context, a *App) error

// App is one instance of an appName. What setup reads of it may be read
// concurrently; what setup registers must be registered before setup returns.
type App struct {
	name     string
	instance string
	epoch    string
	started  time.Time
	config   config.Config
	log      *slog.Logger
	logFile  io.Closer

	admin     *admin.Server
	metrics   prometheus.Registerer
	drivers   opened
	epochs    atomic.Pointer[map[string]string] // live instance → its run
	unwatch   func()
	dialer    *rpc.Dialer
	rpc       *rpc.Server
	link      *link.Server
	producer  *push.Producer
	sender    push.Sender
	faults    []error // of registering, told when setup has returned
	servers   []Server
	onStop    []func(context.Context) error
	running   sync.WaitGroup // the goroutines of Run
	ended     chan struct{}  // closed when they are to end
	failed    chan error     // takes the first part that ends by itself
	address   string         // where rpc listens
	published registry.Registration
}

// New opens the drivers and calls setup; nothing listens yet. The caller calls
// Run, which also closes what New opened. Lines of log go to standard error and
// to log.dir.
func New(ctx context.Context, name string, c config.Config, d Drivers, setup func(context.Context, *App) error) (*App, error) {
	l, file, err := log.Open(c.Log, c.Mode, name+"-"+c.ID, os.Stderr)
	if err != nil {
		return nil, err
	}
	a, err := build(ctx, name, c, d, setup, l)
	if err != nil {
		return nil, errors.Join(err, file.Close())
	}
	a.logFile = file
	return a, nil
}

// build is New with a log that stays the caller's.
func build(ctx context.Context, name string, c config.Config, d Drivers, setup Setup, l *slog.Logger) (*App, error) {
	if err := registry.CheckName(name); err != nil {
		return nil, err
	}
	a := &App{
		name: name, instance: name + "-" + c.ID, epoch: rand.Text(), started: time.Now(), config: c, log: l,
		admin: admin.New(c.Admin, l), ended: make(chan struct{}), failed: make(chan error, 1),
	}
	a.metrics = prometheus.WrapRegistererWith(prometheus.Labels{"namespace": c.Namespace, "app": name}, a.admin.Metrics())
	err := a.open(ctx, d)
	if err == nil {
		err = setup(ctx, a)
	}
	if err = errors.Join(append(a.faults, err)...); err != nil {
		return nil, errors.Join(fmt.Errorf("set up %s: %w", a.instance, err), a.stop())
	}
	a.link.Attach(a.rpc)
	return a, nil
}

// Name returns the appName, such as chat.
func (a *App) Name() string { return a.name }

// Instance returns the instance's name, such as chat-1.
func (a *App) Instance() string { return a.instance }

// Epoch returns a text that no other run of the instance has.
func (a *App) Epoch() string { return a.epoch }

// Config returns the settings.
func (a *App) Config() config.Config { return a.config }

// Log returns the process's logger. It never returns nil.
func (a *App) Log() *slog.Logger { return a.log }

// Metrics returns where metrics are registered that /metrics of the admin
// endpoint is to show. They are labelled with namespace and app.
func (a *App) Metrics() prometheus.Registerer { return a.metrics }

// Registry returns the registry, nil where the main names none. It is closed by
// the app.
func (a *App) Registry() registry.Registry { return a.drivers.registry }

// Directory returns the directory, nil where the main names none. It is closed
// by the app.
func (a *App) Directory() directory.Directory { return a.drivers.directory }

// Broker returns the queue, nil where the main names none. It is closed by the
// app.
func (a *App) Broker() push.Broker { return a.drivers.broker }

// Push returns the sender that generated helpers take. It fails each push where
// the main names no Brokers or no Directory.
func (a *App) Push() push.Sender { return a.sender }

// Dial returns the connection to a service by appName, round robin over its
// ready instances. It is kept, and closed by the app.
func (a *App) Dial(appName string) (*grpc.ClientConn, error) { return a.dialer.Dial(appName) }

// Dialer returns what Dial uses, for calls to one instance or to each.
func (a *App) Dialer() *rpc.Dialer { return a.dialer }

// DialOptions returns what the app dials other services with, for connections
// of one's own.
func (a *App) DialOptions() []grpc.DialOption { return a.dialer.Options() }
