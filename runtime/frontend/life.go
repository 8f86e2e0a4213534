package frontend

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/hawos/hawos/runtime/frontend/interest"
	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/selector"
)

// Start begins to serve and returns when clients can connect. After an error Stop
// releases what was begun.
func (f *Frontend) Start(ctx context.Context) error {
	background, end := context.WithCancel(context.Background())
	f.end = end
	if err := f.open(ctx, background); err != nil {
		return fmt.Errorf("start frontend: %w", err)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", net.JoinHostPort(f.ws.IP, strconv.Itoa(f.ws.Port)))
	if err != nil {
		return fmt.Errorf("start frontend: ws: %w", err)
	}
	f.address = l.Addr().String()
	mux := http.NewServeMux()
	mux.HandleFunc(f.ws.Path, f.accept)
	f.http = &http.Server{
		Handler:           mux,
		ReadHeaderTimeout: f.ws.LoginTimeout,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(f.log.Handler(), slog.LevelDebug),
	}
	f.helpers.Go(func() {
		if err := f.http.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			f.failed <- fmt.Errorf("serve websockets at %s: %w", f.address, err)
		}
	})
	return nil
}

// open starts what sessions need.
func (f *Frontend) open(ctx, background context.Context) error {
	var err error
	f.selector, err = selector.New(ctx, f.host.Registry(), selector.Options{Table: f.table, Log: f.log, Metrics: f.host.Metrics()})
	if err != nil {
		return err
	}
	f.flusher = newFlusher()
	f.pool = link.NewPool(f.selector, link.PoolOptions{
		Instance: f.host.Instance(), Epoch: f.host.Epoch(), Namespace: f.host.Config().Namespace,
		DialOptions: f.host.DialOptions(), Answered: f.flushAnswers, Log: f.log, Metrics: f.host.Metrics(),
	})
	left := newLeftovers(f)
	if err := f.peers.start(background, left.update); err != nil {
		return err
	}
	f.helpers.Go(func() { left.run(background) })
	f.keeper = interest.New(interest.Options{
		Directory: f.host.Directory(), Frontend: f.place.Frontend, Epoch: f.place.Epoch, Log: f.log,
		HasGroup: f.groups.Has, HasUID: f.sessions.has, UIDs: f.sessions.sample,
	})
	f.helpers.Go(func() { f.keeper.Run(background) })
	f.forward = newForwarder(f)
	namespace := f.host.Config().Namespace
	f.consumer = push.NewConsumer(push.ConsumerOptions{
		Broker: f.host.Broker(), Reader: f.host.Instance(), Log: f.log, Metrics: f.host.Metrics(),
		Topics: []string{push.Topic(namespace, f.host.Instance()), push.TopicAll(namespace)},
	}, f.deliver)
	if err := f.consumer.Start(ctx); err != nil {
		return err
	}
	f.serving.Store(true)
	return nil
}

// Stop ends all sessions with 4503 and releases everything. Call Drain before for
// a stop that clients hardly notice. When ctx ends, connections are cut.
func (f *Frontend) Stop(ctx context.Context) error {
	f.closeGate()
	if f.http != nil {
		_ = f.http.Close()
	}
	f.sessions.each(func(s *session) { s.c.Close(closeDraining()) })
	f.ended(ctx)
	f.acceptor.Wait()
	f.serving.Store(false)
	var err error
	if f.consumer != nil {
		err = f.consumer.Close(ctx, true)
	}
	if f.forward != nil {
		f.forward.close()
	}
	if f.end != nil {
		f.end()
	}
	f.helpers.Wait()
	if f.pool != nil {
		err = errors.Join(err, f.pool.Close(ctx))
	}
	if f.flusher != nil {
		f.flusher.close()
	}
	f.peers.close()
	if f.selector != nil {
		f.selector.Close()
	}
	return err
}

// ended waits for all sessions.
func (f *Frontend) ended(ctx context.Context) {
	all := make(chan struct{})
	go func() {
		f.running.Wait()
		close(all)
	}()
	select {
	case <-all:
	case <-ctx.Done():
		f.sessions.each(func(s *session) { s.c.Abort() })
		<-all
	}
}
