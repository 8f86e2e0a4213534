package frontend

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/hawos/hawos/runtime/directory"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/registry"
)

// peers are the other frontends, as the registry tells.
type peers struct {
	host Host
	stop func()

	mu   sync.RWMutex
	list map[string]*peer // by instance
}

type peer struct {
	registry.Instance
	conn   *grpc.ClientConn
	client hawospb.FrontendClient
}

func newPeers(h Host) *peers { return &peers{host: h, list: map[string]*peer{}} }

// start follows the registry until ctx ends; also hears what it says.
func (p *peers) start(ctx context.Context, also func([]registry.Instance)) error {
	stop, err := p.host.Registry().Watch(ctx, func(all []registry.Instance) {
		p.update(all)
		also(all)
	})
	if err != nil {
		return fmt.Errorf("watch frontends: %w", err)
	}
	p.stop = stop
	return nil
}

func (p *peers) update(all []registry.Instance) {
	p.mu.Lock()
	defer p.mu.Unlock()
	now := map[string]*peer{}
	for _, i := range all {
		if i.App != p.host.Name() || i.ID == p.host.Instance() {
			continue
		}
		if old := p.list[i.ID]; old != nil && old.Address == i.Address && old.Epoch == i.Epoch {
			now[i.ID] = old
			continue
		}
		conn, err := grpc.NewClient("passthrough:///"+i.Address, p.host.DialOptions()...)
		if err != nil {
			p.host.Log().Error("dial another frontend", "instance", i.ID, "address", i.Address, "err", err)
			continue
		}
		now[i.ID] = &peer{Instance: i, conn: conn, client: hawospb.NewFrontendClient(conn)}
	}
	for id, old := range p.list {
		if now[id] != old {
			_ = old.conn.Close()
		}
	}
	p.list = now
}

// close ends all connections. ctx of start must have ended.
func (p *peers) close() {
	if p.stop != nil {
		p.stop()
	}
	p.update(nil)
}

// alive reports whether the place is at another frontend that is alive.
func (p *peers) alive(at directory.Place) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	peer := p.list[at.Frontend]
	return peer != nil && peer.Epoch == at.Epoch
}

func (p *peers) client(frontend string) (hawospb.FrontendClient, error) {
	p.mu.RLock()
	defer p.mu.RUnlock()
	if peer := p.list[frontend]; peer != nil {
		return peer.client, nil
	}
	return nil, fmt.Errorf("%s: no such frontend", frontend)
}

// replace closes the session at another frontend that a login took the place of.
func (p *peers) replace(ctx context.Context, old directory.Place, uid string) error {
	c, err := p.client(old.Frontend)
	if err != nil {
		return err
	}
	_, err = c.Kick(ctx, &hawospb.KickRequest{Uid: uid, Session: old.Session, Local: true})
	return err
}

// push hands a push to another frontend for some uids there.
func (p *peers) push(ctx context.Context, frontend string, e *hawospb.Envelope, uids []string) error {
	c, err := p.client(frontend)
	if err != nil {
		return err
	}
	_, err = c.Push(ctx, &hawospb.PushRequest{
		Id: e.GetId(), Payload: e.GetPayload(), Target: &hawospb.Target{Uids: uids}, Class: e.GetClass(), Key: e.GetKey(),
		ExpiresAtMs: e.GetExpiresAtMs(), Local: true,
	})
	return err
}

// peerTimeout is how long one frontend may take to answer another: a stopped one
// must not hold up who asks.
const peerTimeout = 3 * time.Second

// each calls f for every other frontend at once and joins the errors, each naming
// its instance. One that cannot be reached has no sessions that could be: it is
// logged and left out.
func (p *peers) each(ctx context.Context, f func(context.Context, hawospb.FrontendClient) error) error {
	p.mu.RLock()
	list := make([]*peer, 0, len(p.list))
	for _, peer := range p.list {
		list = append(list, peer)
	}
	p.mu.RUnlock()
	errs := make([]error, len(list))
	var wait sync.WaitGroup
	for i, peer := range list {
		wait.Go(func() {
			ctx, cancel := context.WithTimeout(ctx, peerTimeout)
			defer cancel()
			switch err := f(ctx, peer.client); {
			case status.Code(err) == codes.Unavailable:
				p.host.Log().Warn("ask another frontend", "instance", peer.ID, "err", err)
			case err != nil:
				errs[i] = fmt.Errorf("%s: %w", peer.ID, err)
			}
		})
	}
	wait.Wait()
	return errors.Join(errs...)
}
