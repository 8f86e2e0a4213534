package link

import (
	"errors"
	"fmt"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/session"
	"github.com/hawos/hawos/runtime/wire"
)

// errMalformed says that the other side sent something that is no hawos.Batch.
var errMalformed = errors.New("malformed batch")

// parseBatch calls each for every frame of an encoded hawos.Batch, in order,
// until one returns an error. The frame is reused: each keeps only what it
// copies, and the bytes that the frame aliases as long as b.
func parseBatch(b []byte, f *frame, each func(*frame) error) error {
	for len(b) > 0 {
		n, t, size := consumeTag(b)
		if size < 0 {
			return malformed(size)
		}
		b = b[size:]
		if n != fieldFrames || t != protowire.BytesType {
			if size = protowire.ConsumeFieldValue(n, t, b); size < 0 {
				return malformed(size)
			}
			b = b[size:]
			continue
		}
		v, size := protowire.ConsumeBytes(b)
		if size < 0 {
			return malformed(size)
		}
		b = b[size:]
		if err := f.parse(v); err != nil {
			return err
		}
		if err := each(f); err != nil {
			return err
		}
	}
	return nil
}

// parse replaces f by the frame encoded in b. Fields that it does not know, or
// that have another wire type, are skipped.
func (f *frame) parse(b []byte) error {
	*f = frame{groups: f.groups[:0]}
	for len(b) > 0 {
		n, t, size := consumeTag(b)
		if size < 0 {
			return malformed(size)
		}
		b = b[size:]
		switch {
		case t == protowire.VarintType:
			v, k := protowire.ConsumeVarint(b)
			if size = k; size >= 0 {
				f.setUint(n, v)
			}
		case t == protowire.BytesType:
			v, k := protowire.ConsumeBytes(b)
			if size = k; size >= 0 {
				if err := f.setBytes(n, v); err != nil {
					return err
				}
			}
		default:
			size = protowire.ConsumeFieldValue(n, t, b)
		}
		if size < 0 {
			return malformed(size)
		}
		b = b[size:]
	}
	return nil
}

func (f *frame) setUint(n protowire.Number, v uint64) {
	switch n {
	case fieldKind:
		f.kind = hawospb.Frame_Kind(int32(v))
	case fieldCall:
		f.call = v
	case fieldSession:
		f.session = v
	case fieldID:
		f.id = uint32(v)
	case fieldCode:
		f.code = uint32(v)
	case fieldTimeoutMS:
		f.timeoutMS = uint32(v)
	case fieldFlags:
		f.flags = uint32(v)
	case fieldRetryAfterMS:
		f.retryAfterMS = uint32(v)
	case fieldEncoding:
		f.encoding = wire.Encoding(v)
	}
}

func (f *frame) setBytes(n protowire.Number, v []byte) (err error) {
	switch n {
	case fieldPayload:
		f.payload = v
	case fieldTrace:
		f.trace = v
	case fieldError:
		f.err, err = text(v)
	case fieldReason:
		f.reason, err = text(v)
	case fieldInfo:
		f.info = merge(f.info, v)
	case fieldHello:
		f.hello = merge(f.hello, v)
	case fieldGroups:
		return f.addGroup(v)
	}
	return err
}

func (f *frame) addGroup(b []byte) error {
	var g session.Change
	for len(b) > 0 {
		n, t, size := consumeTag(b)
		if size < 0 {
			return malformed(size)
		}
		b = b[size:]
		if size = protowire.ConsumeFieldValue(n, t, b); size < 0 {
			return malformed(size)
		}
		switch {
		case n == fieldGroup && t == protowire.BytesType:
			v, _ := protowire.ConsumeBytes(b)
			s, err := text(v)
			if err != nil {
				return err
			}
			g.Group = s
		case n == fieldLeave && t == protowire.VarintType:
			v, _ := protowire.ConsumeVarint(b)
			g.Leave = protowire.DecodeBool(v)
		}
		b = b[size:]
	}
	f.groups = append(f.groups, g)
	return nil
}

// merge joins two encodings of one message field, as protobuf wants it: the
// concatenation is the merged message.
func merge(old, v []byte) []byte {
	if old == nil {
		return v
	}
	return append(old[:len(old):len(old)], v...)
}

// consumeTag is protowire's, which lets numbers pass that are none of a field.
func consumeTag(b []byte) (protowire.Number, protowire.Type, int) {
	n, t, size := protowire.ConsumeTag(b)
	if size >= 0 && n > protowire.MaxValidNumber {
		return 0, 0, fieldNumberFault
	}
	return n, t, size
}

// fieldNumberFault is protowire's code of a field number that is none.
const fieldNumberFault = -2

func text(b []byte) (string, error) {
	if !utf8.Valid(b) {
		return "", fmt.Errorf("%w: a text is not UTF-8", errMalformed)
	}
	return string(b), nil
}

func malformed(size int) error {
	return fmt.Errorf("%w: %w", errMalformed, protowire.ParseError(size))
}
