package link

import (
	"testing"
	"time"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/route"
)

// A link that fell behind without end is given up before its reader notices. Who
// sends then must not wait for the reader, which may wait for the same session.
func TestSendLeavesALinkThatWasGivenUp(t *testing.T) {
	p, c, replies := oneLink(t, route.Options{})
	s := p.OpenSession(sessionOf("ann"), replies)
	c.out.mu.Lock()
	c.out.closed = true
	c.out.mu.Unlock()
	done := make(chan struct{})
	go func() { defer close(done); p.Send(s, Request{ID: 101}) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		t.Fatal("Send spins")
	}
	if replies.n != 1 {
		t.Errorf("got %d replies, want a refusal", replies.n)
	}
}

// asking is a receiver that looks where the next request would go.
type asking struct {
	lane    *lane
	follows []bool
}

func (a *asking) LinkReply(*Reply) { a.follows = append(a.follows, a.lane.flying.n > 0) }

// While a reply is handed over, its request still binds the session's next one to
// the instance: another's reply could overtake it.
func TestRequestIsInFlightUntilItsReplyIsHandedOver(t *testing.T) {
	p, c, _ := oneLink(t, route.Options{})
	a := &asking{}
	s := p.OpenSession(sessionOf("ann"), a)
	p.Send(s, Request{ID: 101})
	a.lane = s.lane("chat")
	call := uint64(c.calls.slots[0].use) << slotBits
	if err := c.receive(&frame{kind: hawospb.Frame_REPLY, call: call}); err != nil {
		t.Fatal(err)
	}
	if len(a.follows) != 1 || !a.follows[0] {
		t.Errorf("got %v, want the request in flight during its reply", a.follows)
	}
	if a.lane.flying.n != 0 {
		t.Errorf("got %d in flight after the reply, want none", a.lane.flying.n)
	}
}
