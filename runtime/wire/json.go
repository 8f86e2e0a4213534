package wire

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// jsonPacket gives encoding/json the names of the fields. Trace is base64.
type jsonPacket struct {
	ID           uint32          `json:"id"`
	Seq          uint32          `json:"seq"`
	Code         uint32          `json:"code"`
	Payload      json.RawMessage `json:"payload"`
	Error        string          `json:"error"`
	TimeoutMS    uint32          `json:"timeout_ms"`
	Flags        uint32          `json:"flags"`
	RetryAfterMS uint32          `json:"retry_after_ms"`
	Trace        []byte          `json:"trace"`
	PushSeq      jsonUint64      `json:"push_seq"`
	Ack          jsonUint64      `json:"ack"`
}

// jsonUint64 is a number, or a string of digits because JavaScript's numbers end
// at 2⁵³.
type jsonUint64 uint64

func (u *jsonUint64) UnmarshalJSON(b []byte) error {
	if string(b) == "null" {
		return nil
	}
	v, err := strconv.ParseUint(strings.Trim(string(b), `"`), 10, 64)
	if err != nil {
		return err
	}
	*u = jsonUint64(v)
	return nil
}

// UnmarshalJSON replaces p by the JSON object in b. Payload is the raw JSON value
// of that field, empty where it is absent or null. Nothing aliases b. Unknown
// fields are ignored. What is no packet returns ErrMalformed, wrapped with the
// reason.
func (p *Packet) UnmarshalJSON(b []byte) error {
	var j jsonPacket
	if err := json.Unmarshal(b, &j); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	if len(b) == 0 || firstByte(b) != '{' { // null decodes into anything
		return fmt.Errorf("%w: not a JSON object", ErrMalformed)
	}
	if string(j.Payload) == "null" {
		j.Payload = nil
	}
	*p = Packet{
		ID: j.ID, Seq: j.Seq, Code: j.Code, Payload: j.Payload, Error: j.Error, TimeoutMS: j.TimeoutMS, Flags: j.Flags,
		RetryAfterMS: j.RetryAfterMS, Trace: j.Trace, PushSeq: uint64(j.PushSeq), Ack: uint64(j.Ack),
	}
	return nil
}

// firstByte returns the first byte that is no white space. b holds one.
func firstByte(b []byte) byte {
	i := 0
	for b[i] == ' ' || b[i] == '\t' || b[i] == '\r' || b[i] == '\n' {
		i++
	}
	return b[i]
}

// AppendJSON appends p as a JSON object to dst and returns it. Zero fields are
// left out. Payload must be one JSON value or empty; it is not checked.
func (p *Packet) AppendJSON(dst []byte) []byte {
	start := len(dst)
	dst = appendNumber(dst, "id", p.ID)
	dst = appendNumber(dst, "seq", p.Seq)
	dst = appendNumber(dst, "code", p.Code)
	if len(p.Payload) > 0 {
		dst = append(append(dst, `,"payload":`...), p.Payload...)
	}
	if p.Error != "" {
		text, _ := json.Marshal(p.Error) // strings never fail
		dst = append(append(dst, `,"error":`...), text...)
	}
	dst = appendNumber(dst, "timeout_ms", p.TimeoutMS)
	dst = appendNumber(dst, "flags", p.Flags)
	dst = appendNumber(dst, "retry_after_ms", p.RetryAfterMS)
	if len(p.Trace) > 0 {
		dst = base64.StdEncoding.AppendEncode(append(dst, `,"trace":"`...), p.Trace)
		dst = append(dst, '"')
	}
	dst = appendUint64(dst, "push_seq", p.PushSeq)
	dst = appendUint64(dst, "ack", p.Ack)
	if len(dst) == start {
		return append(dst, "{}"...)
	}
	dst[start] = '{' // in place of the first field's comma
	return append(dst, '}')
}

func appendNumber(dst []byte, name string, v uint32) []byte {
	if v == 0 {
		return dst
	}
	dst = append(append(append(dst, `,"`...), name...), `":`...)
	return strconv.AppendUint(dst, uint64(v), 10)
}

func appendUint64(dst []byte, name string, v uint64) []byte {
	if v == 0 {
		return dst
	}
	dst = append(append(append(dst, `,"`...), name...), `":"`...)
	return append(strconv.AppendUint(dst, v, 10), '"')
}
