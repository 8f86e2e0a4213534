package wire

import (
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

// Encoding says how a connection's packets and their payloads are encoded. The
// values are those of hawos.Frame.Encoding.
type Encoding uint8

// The encodings.
const (
	Proto Encoding = iota // hawos.v1.proto
	JSON                  // hawos.v1.json: field names as in the proto file
)

// Subprotocol returns the websocket subprotocol of the encoding.
func (e Encoding) Subprotocol() string {
	if e == JSON {
		return SubprotocolJSON
	}
	return SubprotocolProto
}

// Marshal appends the encoded message to dst and returns it. JSON carries each
// field, also one that has its default.
func (e Encoding) Marshal(dst []byte, m proto.Message) ([]byte, error) {
	if e == JSON {
		return protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}.MarshalAppend(dst, m)
	}
	return proto.MarshalOptions{}.MarshalAppend(dst, m)
}

// Unmarshal replaces m by the message encoded in b. Empty b is the empty
// message. Unknown JSON fields are ignored.
func (e Encoding) Unmarshal(b []byte, m proto.Message) error {
	if e != JSON {
		return proto.Unmarshal(b, m)
	}
	if len(b) == 0 {
		proto.Reset(m)
		return nil
	}
	return protojson.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(b, m)
}

// UnmarshalPacket replaces p by the packet in b, which p may alias afterwards.
func (e Encoding) UnmarshalPacket(b []byte, p *Packet) error {
	if e == JSON {
		return p.UnmarshalJSON(b)
	}
	return p.Unmarshal(b)
}

// AppendPacket appends the encoded packet to dst and returns it.
func (e Encoding) AppendPacket(dst []byte, p *Packet) []byte {
	if e == JSON {
		return p.AppendJSON(dst)
	}
	return p.Append(dst)
}
