package frontend

import (
	"time"

	"github.com/gorilla/websocket"
	"google.golang.org/grpc/codes"

	"github.com/hawos/hawos/runtime/wire"
)

// refusal is why a request is not forwarded. The client sees all of it.
type refusal struct {
	code      uint32
	text      string
	retryable bool
	after     time.Duration
}

func newRefusal(code codes.Code, text string) refusal { return refusal{code: uint32(code), text: text} }

// retry marks the refusal as one that the same request may escape later.
func (r refusal) retry(after time.Duration) refusal {
	r.retryable, r.after = true, after
	return r
}

// refuse answers the request, unless it is one-way, and counts.
func (s *session) refuse(id, seq uint32, r refusal) {
	s.f.metrics.refusedRequest(r.code)
	if seq == 0 {
		return
	}
	p := wire.Packet{ID: id, Seq: seq, Code: r.code, Error: r.text, RetryAfterMS: uint32(r.after.Milliseconds())}
	if r.retryable {
		p.Flags = wire.FlagRetryable
	}
	s.send(&p)
}

// Close codes with the text that goes with them.
func closeDraining() (int, string) { return wire.CloseDraining, "the server is stopping" }
func closeInternal() (int, string) { return websocket.CloseInternalServerErr, "internal error" }
func closeReplaced() (int, string) {
	return wire.CloseReplaced, "another login took the place of this one"
}
