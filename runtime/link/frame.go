package link

import (
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/session"
	"github.com/hawos/hawos/runtime/wire"
)

// frame is a hawos.Frame. A parsed one aliases the bytes that it came from, its
// strings and groups excepted. Info and hello are the encoded messages.
type frame struct {
	kind         hawospb.Frame_Kind
	call         uint64
	session      uint64
	id           uint32
	code         uint32
	payload      []byte
	err          string
	timeoutMS    uint32
	flags        uint32
	retryAfterMS uint32
	trace        []byte
	encoding     wire.Encoding
	groups       []session.Change
	info         []byte
	hello        []byte
	reason       string
}

// The fields of hawos.Frame, and the one of hawos.Batch.
const (
	fieldKind         protowire.Number = 1
	fieldCall         protowire.Number = 2
	fieldSession      protowire.Number = 3
	fieldID           protowire.Number = 4
	fieldCode         protowire.Number = 5
	fieldPayload      protowire.Number = 6
	fieldError        protowire.Number = 7
	fieldTimeoutMS    protowire.Number = 8
	fieldFlags        protowire.Number = 9
	fieldRetryAfterMS protowire.Number = 10
	fieldTrace        protowire.Number = 11
	fieldEncoding     protowire.Number = 12
	fieldGroups       protowire.Number = 13
	fieldInfo         protowire.Number = 14
	fieldHello        protowire.Number = 15
	fieldReason       protowire.Number = 16

	fieldFrames protowire.Number = 1 // of Batch

	fieldGroup protowire.Number = 1 // of GroupChange
	fieldLeave protowire.Number = 2
)

// append appends f to dst as one more element of a batch. Texts must be UTF-8.
func (f *frame) append(dst []byte) []byte {
	dst = protowire.AppendTag(dst, fieldFrames, protowire.BytesType)
	dst = protowire.AppendVarint(dst, uint64(f.size()))
	dst = appendUint(dst, fieldKind, uint64(f.kind))
	dst = appendUint(dst, fieldCall, f.call)
	dst = appendUint(dst, fieldSession, f.session)
	dst = appendUint(dst, fieldID, uint64(f.id))
	dst = appendUint(dst, fieldCode, uint64(f.code))
	dst = appendBytes(dst, fieldPayload, f.payload)
	dst = appendBytes(dst, fieldError, f.err)
	dst = appendUint(dst, fieldTimeoutMS, uint64(f.timeoutMS))
	dst = appendUint(dst, fieldFlags, uint64(f.flags))
	dst = appendUint(dst, fieldRetryAfterMS, uint64(f.retryAfterMS))
	dst = appendBytes(dst, fieldTrace, f.trace)
	dst = appendUint(dst, fieldEncoding, uint64(f.encoding))
	for _, g := range f.groups {
		dst = protowire.AppendTag(dst, fieldGroups, protowire.BytesType)
		dst = protowire.AppendVarint(dst, uint64(groupSize(g)))
		dst = appendBytes(dst, fieldGroup, g.Group)
		dst = appendUint(dst, fieldLeave, protowire.EncodeBool(g.Leave))
	}
	dst = appendBytes(dst, fieldInfo, f.info)
	dst = appendBytes(dst, fieldHello, f.hello)
	return appendBytes(dst, fieldReason, f.reason)
}

// size is the encoded length of f itself, in bytes.
func (f *frame) size() int {
	n := uintSize(fieldKind, uint64(f.kind)) + uintSize(fieldCall, f.call) + uintSize(fieldSession, f.session) +
		uintSize(fieldID, uint64(f.id)) + uintSize(fieldCode, uint64(f.code)) + bytesSize(fieldPayload, len(f.payload)) +
		bytesSize(fieldError, len(f.err)) + uintSize(fieldTimeoutMS, uint64(f.timeoutMS)) + uintSize(fieldFlags, uint64(f.flags)) +
		uintSize(fieldRetryAfterMS, uint64(f.retryAfterMS)) + bytesSize(fieldTrace, len(f.trace)) +
		uintSize(fieldEncoding, uint64(f.encoding)) + bytesSize(fieldInfo, len(f.info)) + bytesSize(fieldHello, len(f.hello)) +
		bytesSize(fieldReason, len(f.reason))
	for _, g := range f.groups {
		n += protowire.SizeTag(fieldGroups) + protowire.SizeBytes(groupSize(g))
	}
	return n
}

// appendedSize is how much append appends.
func (f *frame) appendedSize() int {
	return protowire.SizeTag(fieldFrames) + protowire.SizeBytes(f.size())
}

func groupSize(g session.Change) int {
	return bytesSize(fieldGroup, len(g.Group)) + uintSize(fieldLeave, protowire.EncodeBool(g.Leave))
}

// appendUint appends a varint field unless it is zero.
func appendUint(dst []byte, n protowire.Number, v uint64) []byte {
	if v == 0 {
		return dst
	}
	return protowire.AppendVarint(protowire.AppendTag(dst, n, protowire.VarintType), v)
}

// appendBytes appends a length-delimited field unless it is empty.
func appendBytes[T string | []byte](dst []byte, n protowire.Number, v T) []byte {
	if len(v) == 0 {
		return dst
	}
	dst = protowire.AppendVarint(protowire.AppendTag(dst, n, protowire.BytesType), uint64(len(v)))
	return append(dst, v...)
}

func uintSize(n protowire.Number, v uint64) int {
	if v == 0 {
		return 0
	}
	return protowire.SizeTag(n) + protowire.SizeVarint(v)
}

func bytesSize(n protowire.Number, length int) int {
	if length == 0 {
		return 0
	}
	return protowire.SizeTag(n) + protowire.SizeBytes(length)
}
