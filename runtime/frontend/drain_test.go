package frontend_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/gorilla/websocket"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/directory"
	"github.com/hawos/hawos/runtime/wire"
)

func TestDrainWaitsForRequestsInFlight(t *testing.T) {
	n, e := start(t, nil)
	idle, busy := n.login(t, "idle"), n.login(t, "busy")
	busy.send(wire.Packet{ID: idWait, Seq: 1})
	if p := busy.call(idEcho, 2, nil); p.Code != 0 { // the other one is in flight by now
		t.Fatalf("got %+v", p)
	}
	drained := make(chan error, 1)
	go func() { drained <- n.Drain(context.Background()) }()
	if last := idle.wantClose(wire.CloseDraining); last.ID != wire.IDGoAway {
		t.Errorf("got %+v, want GoAway before the close", last)
	}
	if p := busy.read(); p.ID != wire.IDGoAway {
		t.Errorf("got %+v, want GoAway", p)
	}
	seq := uint32(2)
	eventually(t, "the busy one takes no new requests", func() bool {
		seq++
		p := busy.call(idEcho, seq, nil)
		return p.Code == uint32(codes.Unavailable) && p.Flags == wire.FlagRetryable
	})
	close(e.release)
	if p := busy.read(); p.Seq != 1 || p.Code != 0 {
		t.Errorf("got %+v, want the answer to what was in flight", p)
	}
	busy.wantClose(wire.CloseDraining)
	if err := <-drained; err != nil {
		t.Error(err)
	}
	_, address := n.Endpoint()
	_, r, err := websocket.DefaultDialer.Dial("ws://"+address+"/ws", nil)
	if r == nil || r.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("got %v, %v, want 503 for a new client", r, err)
	}
	for _, uid := range []string{"idle", "busy"} {
		eventually(t, "the directory forgets "+uid, func() bool { return n.place(t, uid) == directory.Place{} })
	}
}

func TestDrainEndsInTime(t *testing.T) {
	n, _ := start(t, func(c *config.Config) { c.WS.DrainTimeout = 50 * time.Millisecond })
	c := n.login(t, "ann")
	c.send(wire.Packet{ID: idWait, Seq: 1})
	if p := c.call(idEcho, 2, nil); p.Code != 0 {
		t.Fatalf("got %+v", p)
	}
	if err := n.Drain(context.Background()); err != nil {
		t.Error(err)
	}
	n.stop()
	c.wantClose(wire.CloseDraining)
}

func TestFrontendRefusesClientsAboveMaxSessions(t *testing.T) {
	r := newRig(t)
	n := r.frontend("1", func(c *config.Config) { c.WS.MaxSessions = 1 })
	first := n.login(t, "ann")
	_, address := n.Endpoint()
	_, resp, err := websocket.DefaultDialer.Dial("ws://"+address+"/ws", nil)
	if resp == nil || resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" {
		t.Errorf("got %v, %v, want 503 with Retry-After", resp, err)
	}
	first.Close()
	eventually(t, "there is room again", func() bool {
		ws, _, err := websocket.DefaultDialer.Dial("ws://"+address+"/ws", nil)
		if err == nil {
			ws.Close()
		}
		return err == nil
	})
	resp, err = http.Get("http://" + address + "/elsewhere")
	if err != nil || resp.StatusCode != http.StatusNotFound {
		t.Errorf("got %v, %v, want 404", resp, err)
	}
	resp.Body.Close()
	http.DefaultClient.CloseIdleConnections()
}

func TestNewRefusesSettings(t *testing.T) {
	for want, edit := range map[string]func(*config.Config){
		"jwt.secret":   func(c *config.Config) { c.JWT.Secret = "" },
		"ws.duplicate": func(c *config.Config) { c.WS.Duplicate = "both" },
	} {
		if err := newRig(t).tryNew(edit); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want an error that names %s", err, want)
		}
	}
}
