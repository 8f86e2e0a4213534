package frontend_test

import (
	"context"
	"testing"

	"github.com/gorilla/websocket"

	"github.com/hawos/hawos/runtime/directory"
	"github.com/hawos/hawos/runtime/wire"
)

// meeting is a directory whose first two Sets return together, so that two logins
// meet in the middle.
type meeting struct {
	directory.Directory
	arrived, both chan struct{}
}

func (m meeting) Set(ctx context.Context, uid string, p directory.Place) (directory.Place, bool, error) {
	old, ok, err := m.Directory.Set(ctx, uid, p)
	select {
	case m.arrived <- struct{}{}: // the first of the two
		<-m.both
	default:
		<-m.arrived
		close(m.both)
	}
	return old, ok, err
}

// Of two logins of a uid at the same moment one stays: the one that the directory
// has. Were each to close the other, neither would come back.
func TestDuplicateLoginsThatMeetLeaveOne(t *testing.T) {
	r := newRig(t)
	r.directory = meeting{r.directory, make(chan struct{}, 1), make(chan struct{})}
	n := r.frontend("1", nil)
	clients := []*client{n.dial(t, wire.Proto, n.token("ann")), n.dial(t, wire.Proto, n.token("ann"))}
	stayed := 0
	for _, c := range clients {
		c.send(wire.Packet{ID: wire.IDPing, Seq: 7})
		for {
			_, b, err := c.ReadMessage()
			var p wire.Packet
			if err == nil && p.Unmarshal(b) == nil && p.ID == wire.IDPing {
				stayed++
				break
			}
			if err != nil {
				if !websocket.IsCloseError(err, wire.CloseReplaced) {
					t.Errorf("got %v, want close %d", err, wire.CloseReplaced)
				}
				break
			}
		}
	}
	if stayed != 1 {
		t.Errorf("got %d sessions that stay, want 1", stayed)
	}
}
