package link

import (
	"time"

	"github.com/hawos/hawos/runtime/session"
	"github.com/hawos/hawos/runtime/wire"
)

// Request is one packet of a client, on its way to an instance.
type Request struct {
	ID       uint32        // protocol ID
	Payload  []byte        // in the session's encoding; the caller's again once Send has returned
	Timeout  time.Duration // what is left of the client's patience; 0: the route's timeout
	Trace    []byte        // W3C trace context or nil; the caller's again once Send has returned
	Encoding wire.Encoding // of Payload and of the reply's
	OneWay   bool          // the client waits for no reply; Receiver hears of the answer all the same
	Tag      uint64        // the caller's own; the reply carries it back
}

// Reply is the answer to one request: the instance's, or the pool's own where no
// instance could answer. It and what it points at are valid only while
// Receiver.LinkReply runs.
type Reply struct {
	Tag          uint64
	ID           uint32 // protocol ID of the request
	OneWay       bool   // the client waits for no reply
	Code         uint32 // 0: OK
	Payload      []byte
	Error        string // safe to show
	Flags        uint32 // those of hawos.Packet
	RetryAfterMS uint32
	// Groups are the changes to the session's groups, to be carried out before
	// the client sees the reply.
	Groups []session.Change
}

// Receiver takes the replies to one session's requests; the frontend's session
// implements it.
type Receiver interface {
	// LinkReply is called exactly once per Send, unless the session is closed
	// first. Replies of order SESSION come in the order of their requests. The
	// call comes from a link's reader, which serves all sessions, or out of Send
	// itself: it must not block, and must not hold a lock that is held while
	// Send is called. A closed session's receiver may see a last reply.
	LinkReply(r *Reply)
}
