package wire

import (
	"errors"
	"strings"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// Packet is one websocket message, as hawos.Packet describes it. The zero value
// is an empty packet. It must not be used concurrently.
type Packet struct {
	ID           uint32
	Seq          uint32 // 0: one-way from a client, a push from the server
	Code         uint32 // 0 OK, 1–16 gRPC's, 17–99 hawos's, ≥ 100 the project's
	Payload      []byte // the message of the ID, in the connection's encoding
	Error        string // safe to show
	TimeoutMS    uint32 // 0: the route's
	Flags        uint32 // FlagRetryable, FlagCompression
	RetryAfterMS uint32
	Trace        []byte // W3C trace context, 25 bytes, or empty
	PushSeq      uint64 // 0 in version 1
	Ack          uint64 // 0 in version 1
}

// ErrMalformed is returned for bytes that are no packet. The connection is
// closed with CloseMalformed.
var ErrMalformed = errors.New("malformed packet")

// Field numbers of hawos.Packet.
const (
	fieldID protowire.Number = 1 + iota
	fieldSeq
	fieldCode
	fieldPayload
	fieldError
	fieldTimeout
	fieldFlags
	fieldRetryAfter
	fieldTrace
	fieldPushSeq
	fieldAck
)

// Unmarshal replaces p by the protobuf encoding in b. Payload and Trace alias b.
// It accepts what the generated hawos.Packet accepts, and returns ErrMalformed
// for the rest; p then holds part of the packet.
func (p *Packet) Unmarshal(b []byte) error {
	*p = Packet{}
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 || num > protowire.MaxValidNumber {
			return ErrMalformed
		}
		b = b[n:]
		switch {
		case typ == protowire.VarintType:
			var v uint64
			if v, n = protowire.ConsumeVarint(b); n < 0 {
				return ErrMalformed
			}
			p.setVarint(num, v)
		case typ == protowire.BytesType:
			var v []byte
			if v, n = protowire.ConsumeBytes(b); n < 0 || !p.setBytes(num, v) {
				return ErrMalformed
			}
		default:
			if n = protowire.ConsumeFieldValue(num, typ, b); n < 0 {
				return ErrMalformed
			}
		}
		b = b[n:]
	}
	return nil
}

func (p *Packet) setVarint(num protowire.Number, v uint64) {
	switch num {
	case fieldID:
		p.ID = uint32(v)
	case fieldSeq:
		p.Seq = uint32(v)
	case fieldCode:
		p.Code = uint32(v)
	case fieldTimeout:
		p.TimeoutMS = uint32(v)
	case fieldFlags:
		p.Flags = uint32(v)
	case fieldRetryAfter:
		p.RetryAfterMS = uint32(v)
	case fieldPushSeq:
		p.PushSeq = v
	case fieldAck:
		p.Ack = v
	}
}

func (p *Packet) setBytes(num protowire.Number, v []byte) bool {
	switch num {
	case fieldPayload:
		p.Payload = v
	case fieldTrace:
		p.Trace = v
	case fieldError:
		p.Error = string(v)
		return utf8.Valid(v)
	}
	return true
}

// Append appends the protobuf encoding of p to dst and returns it. Zero fields
// are left out. An Error that is not UTF-8 is mended.
func (p *Packet) Append(dst []byte) []byte {
	dst = appendVarint(dst, fieldID, uint64(p.ID))
	dst = appendVarint(dst, fieldSeq, uint64(p.Seq))
	dst = appendVarint(dst, fieldCode, uint64(p.Code))
	if len(p.Payload) > 0 {
		dst = protowire.AppendTag(dst, fieldPayload, protowire.BytesType)
		dst = protowire.AppendBytes(dst, p.Payload)
	}
	if p.Error != "" {
		dst = protowire.AppendTag(dst, fieldError, protowire.BytesType)
		dst = protowire.AppendString(dst, strings.ToValidUTF8(p.Error, "\uFFFD"))
	}
	dst = appendVarint(dst, fieldTimeout, uint64(p.TimeoutMS))
	dst = appendVarint(dst, fieldFlags, uint64(p.Flags))
	dst = appendVarint(dst, fieldRetryAfter, uint64(p.RetryAfterMS))
	if len(p.Trace) > 0 {
		dst = protowire.AppendTag(dst, fieldTrace, protowire.BytesType)
		dst = protowire.AppendBytes(dst, p.Trace)
	}
	dst = appendVarint(dst, fieldPushSeq, p.PushSeq)
	return appendVarint(dst, fieldAck, p.Ack)
}

func appendVarint(dst []byte, num protowire.Number, v uint64) []byte {
	if v == 0 {
		return dst
	}
	return protowire.AppendVarint(protowire.AppendTag(dst, num, protowire.VarintType), v)
}
