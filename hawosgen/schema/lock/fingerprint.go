package lock

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// Fingerprint returns 16 hex digits that stand for what m is on the wire: number,
// type and label of each field, and of the fields of messages in it. Names are no
// part of it, nor are an enum's values.
func Fingerprint(m protoreflect.MessageDescriptor) string {
	w := shape{seen: map[protoreflect.FullName]int{}}
	w.message(m)
	sum := sha256.Sum256([]byte(w.text.String()))
	return hex.EncodeToString(sum[:8])
}

// shape writes a message's fields as text: {1:string:optional,2:{…}:repeated}.
type shape struct {
	text strings.Builder
	seen map[protoreflect.FullName]int // by name: in which order it came
}

func (w *shape) message(m protoreflect.MessageDescriptor) {
	if n, ok := w.seen[m.FullName()]; ok {
		fmt.Fprintf(&w.text, "#%d", n)
		return
	}
	w.seen[m.FullName()] = len(w.seen)
	fields := make([]protoreflect.FieldDescriptor, m.Fields().Len())
	for i := range fields {
		fields[i] = m.Fields().Get(i)
	}
	slices.SortFunc(fields, func(a, b protoreflect.FieldDescriptor) int { return int(a.Number()) - int(b.Number()) })
	w.text.WriteByte('{')
	for _, f := range fields {
		fmt.Fprintf(&w.text, "%d:%s", f.Number(), f.Kind())
		if sub := f.Message(); sub != nil {
			w.message(sub)
		}
		fmt.Fprintf(&w.text, ":%s,", f.Cardinality())
	}
	w.text.WriteByte('}')
}

// fingerprints keeps the messages that it was asked for.
type fingerprints map[protoreflect.FullName]Message

func (p fingerprints) of(m protoreflect.MessageDescriptor) Message {
	known, ok := p[m.FullName()]
	if !ok {
		known = Message{Name: string(m.FullName()), Fingerprint: Fingerprint(m)}
		p[m.FullName()] = known
	}
	return known
}
