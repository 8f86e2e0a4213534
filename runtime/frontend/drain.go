package frontend

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/wire"
)

// leavesPerSecond is how many clients a draining frontend sends away per second,
// so that they do not come down on the others all at once. With more than ws.drain_timeout
// has room for they go faster.
const leavesPerSecond = 2000

// Drain accepts no more clients and sends those that are here away, each at a
// moment of its own: a GoAway packet says when; then the session takes no new
// requests, waits for those in flight, and closes with 4503. It returns when all
// are gone, or when ws.drain_timeout or ctx ends.
func (f *Frontend) Drain(ctx context.Context) error {
	f.closeGate()
	ctx, cancel := context.WithTimeout(ctx, f.ws.DrainTimeout)
	defer cancel()
	var list []*session
	f.sessions.each(func(s *session) { list = append(list, s) })
	rand.Shuffle(len(list), func(i, j int) { list[i], list[j] = list[j], list[i] })
	spread := min(time.Duration(len(list))*time.Second/leavesPerSecond, f.ws.DrainTimeout/2)
	moment := func(i int) time.Duration { return spread * time.Duration(i) / time.Duration(len(list)) }
	for i, s := range list {
		s.reply(wire.IDGoAway, 0, &hawospb.GoAway{ReconnectAfterMs: uint32(moment(i).Milliseconds())})
	}
	begun := time.Now()
	for i, s := range list {
		if !wait(ctx, moment(i)-time.Since(begun)) {
			return nil // Stop closes the rest
		}
		s.leave()
	}
	f.gone(ctx)
	return nil
}

// closeGate refuses new clients. All that were accepted are sessions when it
// returns.
func (f *Frontend) closeGate() {
	f.gate.Lock()
	defer f.gate.Unlock()
	f.draining = true
}

// wait reports whether d passed before ctx ended.
func wait(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// gone waits for all sessions to end, or for ctx.
func (f *Frontend) gone(ctx context.Context) {
	f.sessions.each(func(s *session) {
		select {
		case <-s.c.Done():
		case <-ctx.Done():
		}
	})
}
