// Package wire is the websocket protocol between clients and frontends:
// packets in their two encodings, the protocol IDs that belong to hawos, flags
// and close codes. docs/protocol.md is the full text. It knows no sockets; start
// from Packet and Encoding.
package wire

// The websocket subprotocols of version 1. A client that offers none speaks
// JSON.
const (
	SubprotocolProto = "hawos.v1.proto" // binary messages, hawos.Packet
	SubprotocolJSON  = "hawos.v1.json"  // text messages, a JSON object
)

// Path is where a frontend serves the websocket.
const Path = "/ws"

// Version is the protocol version that LoginRequest.protocol speaks of.
const Version = 1

// The protocol IDs that belong to hawos; those from 100 on are the project's.
const (
	IDLogin  uint32 = 1 // LoginRequest, LoginReply
	IDPing   uint32 = 2 // PingRequest, PingReply
	IDKick   uint32 = 3 // Kick, from the server
	IDNotice uint32 = 4 // Notice, from the server
	IDGoAway uint32 = 5 // GoAway, from the server
	IDAck    uint32 = 6 // Ack; accepted and ignored in version 1
)

// FirstID is the lowest protocol ID of a project.
const FirstID uint32 = 100

// The bits of Packet.Flags. All others are 0 in version 1.
const (
	FlagRetryable   uint32 = 1        // the same request may succeed later
	FlagCompression uint32 = 0xf << 8 // mask: how the payload is compressed, 0 is not at all
)

// CodeDuplicateSeq is the packet code that refuses a request whose seq another
// one in flight has. That one is answered all the same.
const CodeDuplicateSeq uint32 = 17

// The codes of the close frame that ends a connection.
const (
	CloseMalformed = 4400 // a packet that does not parse: do not come back
	CloseToken     = 4401 // token missing, invalid or expired: come back with a new one
	CloseKicked    = 4403 // kicked: do not come back
	CloseIdle      = 4408 // nothing received, or no login, for too long: come back
	CloseReplaced  = 4409 // another login of the same uid: do not come back
	CloseTooLarge  = 4413 // a packet above max_packet_bytes: do not come back
	CloseTooSlow   = 4429 // pushes did not fit the write queue: come back after a while
	CloseDraining  = 4503 // the frontend stops: come back after a random while
)

// ComesBack reports whether a client should connect again after its connection
// ended with the close code. Codes that are not of hawos, such as 1006 for a lost
// connection, say yes.
func ComesBack(closeCode int) bool {
	switch closeCode {
	case CloseMalformed, CloseKicked, CloseReplaced, CloseTooLarge, 1002: // 1002: a breach of the websocket protocol
		return false
	}
	return true
}
