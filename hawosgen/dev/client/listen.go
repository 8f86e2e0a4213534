package client

import (
	"context"
	"encoding/json"
	"fmt"

	"google.golang.org/grpc"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/wsc"
)

// frontendApp is the appName of frontends.
const frontendApp = "frontend"

type grpcConn = grpc.ClientConnInterface

// Push is one message that the server pushed.
type Push struct {
	ID      uint32          `json:"id"`
	Name    string          `json:"name,omitempty"` // full name, where the schema knows the ID
	Payload json.RawMessage `json:"payload"`
}

// First is what a listener does before it listens.
type First struct {
	Groups []string // to join
	Calls  []Request
}

// Request is one call.
type Request struct {
	Target string // a protocol ID or an rpc that has one
	JSON   json.RawMessage
}

// Listen logs in, does what comes first, calls ready, and then show with each push in its order, until ctx ends. It
// comes back after a lost connection, and then does again what comes first.
func (c *Client) Listen(ctx context.Context, first First, ready func(uid string), show func(Push)) error {
	heard := false
	conn, err := c.dial(ctx, wsc.Options{
		Reconnect: true,
		OnConnect: func(ctx context.Context, conn *wsc.Client, login *hawospb.LoginReply) error {
			if !heard { // before the calls, whose pushes may come at once
				heard = true
				conn.OnRaw(func(id uint32, payload []byte) {
					show(Push{ID: id, Name: c.pushName(id), Payload: payload})
				})
			}
			if err := c.prepare(ctx, conn, login.GetUid(), first); err != nil {
				return err
			}
			ready(login.GetUid())
			return nil
		},
	})
	switch {
	case ctx.Err() != nil && err != nil:
		return nil
	case err != nil:
		return err
	}
	select {
	case <-ctx.Done():
		return conn.Close()
	case <-conn.Done():
		return conn.Err()
	}
}

func (c *Client) prepare(ctx context.Context, conn *wsc.Client, uid string, first First) error {
	for _, r := range first.Calls {
		t, err := c.find(r.Target)
		if err != nil {
			return err
		}
		if t.id == 0 {
			return fmt.Errorf("%s has no protocol ID, so no session can call it", r.Target)
		}
		if err := t.check(r.JSON); err != nil {
			return err
		}
		if _, err := c.callID(ctx, conn, t, r.JSON); err != nil {
			return fmt.Errorf("call %s: %w", r.Target, err)
		}
	}
	for _, group := range first.Groups {
		err := c.invoke(ctx, frontendApp, func(conn grpcConn) error {
			_, err := hawospb.NewFrontendClient(conn).Join(ctx, &hawospb.MembershipRequest{Uid: uid, Group: group})
			return err
		})
		if err != nil {
			return fmt.Errorf("join %q: %w", group, err)
		}
	}
	return nil
}
