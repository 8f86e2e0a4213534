package frontend_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc/codes"

	"github.com/hawos/hawos/runtime/directory"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/link"
	"github.com/hawos/hawos/runtime/wire"
)

// moody is a directory that can be away.
type moody struct {
	directory.Directory
	away atomic.Bool
}

var errAway = errors.New("away")

func (d *moody) Set(ctx context.Context, uid string, p directory.Place) (directory.Place, bool, error) {
	if d.away.Load() {
		return directory.Place{}, false, errAway
	}
	return d.Directory.Set(ctx, uid, p)
}

func (d *moody) Join(ctx context.Context, frontend, epoch string, groups ...string) error {
	if d.away.Load() {
		return errAway
	}
	return d.Directory.Join(ctx, frontend, epoch, groups...)
}

// TestDirectoryAway: nobody is told that he is logged in, or a member, where the
// directory does not know; all else goes on.
func TestDirectoryAway(t *testing.T) {
	r := newRig(t)
	d := &moody{Directory: r.directory}
	r.directory = d
	n := r.frontend("1", nil)
	e := &echo{}
	r.service("chat", "1", []link.Push{}, e.methods()...)
	c := n.login(t, "ann")
	seq := uint32(0)
	eventually(t, "the frontend reaches the service", func() bool {
		seq++
		return c.call(idEcho, seq, nil).Code == 0
	})
	d.away.Store(true)
	if p := c.call(idJoin, 1000, &hawospb.Notice{Text: "room"}); p.Code != uint32(codes.Unavailable) || p.Flags != wire.FlagRetryable {
		t.Errorf("join: got %+v, want UNAVAILABLE", p)
	}
	if p := c.call(idEcho, 1001, nil); p.Code != 0 {
		t.Errorf("got %+v, want an answer", p)
	}
	if last := n.dial(t, wire.Proto, r.token("bob")).wantClose(wire.CloseDraining); last.Code != uint32(codes.Unavailable) {
		t.Errorf("login at the upgrade: got %+v, want UNAVAILABLE", last)
	}
	bob := n.dial(t, wire.Proto, "")
	if p := bob.call(wire.IDLogin, 1, &hawospb.LoginRequest{Token: r.token("bob")}); p.Code != uint32(codes.Unavailable) {
		t.Errorf("login: got %+v, want UNAVAILABLE", p)
	}
	d.away.Store(false)
	if p := bob.call(wire.IDLogin, 2, &hawospb.LoginRequest{Token: r.token("bob")}); p.Code != 0 {
		t.Errorf("login: got %+v, want it to succeed once the directory is back", p)
	}
	if p := c.call(idJoin, 1002, &hawospb.Notice{Text: "room"}); p.Code != 0 {
		t.Errorf("join: got %+v, want it to succeed once the directory is back", p)
	}
}

// slow is a directory that lets a test say when a Join is written.
type slow struct {
	directory.Directory
	joining, write chan struct{}
}

func (d slow) Join(ctx context.Context, frontend, epoch string, groups ...string) error {
	d.joining <- struct{}{}
	<-d.write
	return d.Directory.Join(ctx, frontend, epoch, groups...)
}

// A join is in flight until the directory has it: a drain waits for its reply.
func TestDrainWaitsForTheDirectory(t *testing.T) {
	r := newRig(t)
	d := slow{r.directory, make(chan struct{}), make(chan struct{})}
	r.directory = d
	n := r.frontend("1", nil)
	r.service("chat", "1", []link.Push{}, (&echo{}).methods()...)
	c := n.login(t, "ann")
	seq := uint32(0)
	eventually(t, "the frontend reaches the service", func() bool {
		seq++
		return c.call(idEcho, seq, nil).Code == 0
	})
	c.send(wire.Packet{ID: idJoin, Seq: 1000, Payload: c.payload(&hawospb.Notice{Text: "room"})})
	<-d.joining
	drained := make(chan error, 1)
	go func() { drained <- n.Drain(context.Background()) }()
	if p := c.read(); p.ID != wire.IDGoAway {
		t.Fatalf("got %+v, want GoAway", p)
	}
	eventually(t, "the session takes no new requests", func() bool {
		seq++
		return c.call(idEcho, seq, nil).Code == uint32(codes.Unavailable)
	})
	close(d.write)
	if last := c.wantClose(wire.CloseDraining); last.Seq != 1000 || last.Code != 0 {
		t.Errorf("got %+v before the close, want the reply to the join", last)
	}
	if err := <-drained; err != nil {
		t.Error(err)
	}
}
