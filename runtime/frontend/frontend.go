// Package frontend is the server that clients connect to: it logs sessions in,
// forwards their packets by protocol ID to logic services, and hands pushes to
// the sessions that they are for. It never decodes a payload.
//
// Its rooms: frontend/conn is a websocket connection, frontend/group the groups
// of sessions, frontend/interest what the directory knows of this frontend. Start
// from New; docs/protocol.md says what clients see.
package frontend

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/directory"
	"github.com/hawos/hawos/runtime/frontend/conn"
	"github.com/hawos/hawos/runtime/frontend/group"
	"github.com/hawos/hawos/runtime/frontend/interest"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/jwt"
	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/push"
	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/selector"
)

// Frontend is a part of an app: the app calls Start, Drain and Stop.
type Frontend struct {
	host     Host
	ws       config.WS
	log      *slog.Logger
	table    route.Table
	keys     *jwt.Keys
	place    directory.Place // of this run; without session
	metrics  *metrics
	acceptor *conn.Acceptor
	sessions *sessions
	groups   *group.Index[*session]

	// From Start on.
	http     *http.Server
	address  string
	selector *selector.Selector
	pool     *link.Pool
	peers    *peers
	keeper   *interest.Keeper
	flusher  *flusher
	forward  *forwarder
	consumer *push.Consumer

	serving  atomic.Bool
	gate     sync.RWMutex   // held for reading while a client is accepted
	draining bool           // guarded by gate
	running  sync.WaitGroup // sessions
	helpers  sync.WaitGroup // the HTTP server, the keeper
	end      context.CancelFunc
	failed   chan error
}

// New returns the frontend of a host and registers its service hawos.Frontend
// there. table gives names and defaults of protocol IDs; who answers them now the
// registry says. The settings are the host's config.WS; a setting that makes no
// sense is an error.
func New(_ context.Context, host Host, table route.Table) (*Frontend, error) {
	if host.Registry() == nil || host.Directory() == nil || host.Broker() == nil {
		return nil, errors.New("frontend: it needs a registry, a directory and a queue: its main must name their drivers")
	}
	c := host.Config()
	keys, err := jwt.New(c.JWT)
	if err != nil {
		return nil, fmt.Errorf("frontend: %w", err)
	}
	policy, err := duplicatePolicy(c.WS.Duplicate)
	if err != nil {
		return nil, fmt.Errorf("frontend: %w", err)
	}
	ws := withDefaults(c.WS)
	f := &Frontend{
		host:  host,
		ws:    ws,
		log:   host.Log(),
		table: table,
		keys:  keys,
		place: directory.Place{Frontend: host.Instance(), Epoch: host.Epoch()},
		acceptor: conn.NewAcceptor(conn.Options{
			Origins:        ws.Origins,
			MaxPacketBytes: ws.MaxPacketBytes,
			MaxQueueBytes:  ws.MaxQueueBytes,
			WriteTimeout:   ws.WriteTimeout,
			IdleTimeout:    ws.IdleTimeout,
		}),
		sessions: newSessions(policy),
		groups:   group.New[*session](),
		peers:    newPeers(host),
		failed:   make(chan error, 1),
	}
	f.metrics = newMetrics(host.Metrics(), f)
	host.RegisterService(&hawospb.Frontend_ServiceDesc, &service{f: f})
	return f, nil
}

// withDefaults fills in what a config that was not loaded may lack.
func withDefaults(ws config.WS) config.WS {
	d := config.Default().WS
	for _, s := range []struct{ v, d *time.Duration }{
		{&ws.LoginTimeout, &d.LoginTimeout},
		{&ws.IdleTimeout, &d.IdleTimeout},
		{&ws.WriteTimeout, &d.WriteTimeout},
		{&ws.DrainTimeout, &d.DrainTimeout},
	} {
		if *s.v <= 0 {
			*s.v = *s.d
		}
	}
	for _, s := range []struct{ v, d *int }{
		{&ws.MaxPacketBytes, &d.MaxPacketBytes},
		{&ws.MaxInFlight, &d.MaxInFlight},
		{&ws.MaxQueueBytes, &d.MaxQueueBytes},
		{&ws.MaxSessions, &d.MaxSessions},
	} {
		if *s.v <= 0 {
			*s.v = *s.d
		}
	}
	if ws.Path == "" {
		ws.Path = d.Path
	}
	return ws
}

// Endpoint returns where clients connect, for logs: ws, and host:port from Start
// on.
func (f *Frontend) Endpoint() (kind, address string) { return "ws", f.address }

// Failed takes an error when the frontend stops serving by itself.
func (f *Frontend) Failed() <-chan error { return f.failed }
