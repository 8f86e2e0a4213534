package push

import (
	"fmt"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// Target says who receives a push: Group, UIDs or Everyone gives one. It is a
// value and may be used again.
type Target struct {
	group    string
	uids     []string
	everyone bool
	except   []string
}

// Group targets the members of a group.
func Group(name string) Target { return Target{group: name} }

// UIDs targets the given users' sessions. No uids is nobody: Send then does
// nothing.
func UIDs(uids ...string) Target { return Target{uids: append([]string{}, uids...)} }

// Everyone targets all logged-in sessions.
func Everyone() Target { return Target{everyone: true} }

// Except returns the target without the given users.
func (t Target) Except(uids ...string) Target {
	t.except = append(append([]string(nil), t.except...), uids...)
	return t
}

// clean returns the target without doubles and excluded uids.
func (t Target) clean() (Target, error) {
	if t.group == "" && t.uids == nil && !t.everyone {
		return t, ErrNoTarget
	}
	for _, s := range append(append([]string{t.group}, t.uids...), t.except...) {
		if !utf8.ValidString(s) {
			return t, fmt.Errorf("target %q is not UTF-8", s)
		}
	}
	if t.uids == nil {
		return t, nil
	}
	seen := make(map[string]bool, len(t.uids)+len(t.except))
	for _, uid := range t.except {
		seen[uid] = true
	}
	uids := make([]string, 0, len(t.uids))
	for _, uid := range t.uids {
		if uid != "" && !seen[uid] {
			seen[uid] = true
			uids = append(uids, uid)
		}
	}
	t.uids, t.except = uids, nil
	return t, nil
}

func (t Target) nobody() bool { return t.uids != nil && len(t.uids) == 0 }

// Field numbers of hawos.Target.
const (
	fieldGroup    protowire.Number = 1
	fieldUIDs     protowire.Number = 2
	fieldEveryone protowire.Number = 3
	fieldExcept   protowire.Number = 4
)

// size is the length of the target's encoding in bytes.
func (t Target) size() int {
	n := 0
	if t.group != "" {
		n += protowire.SizeTag(fieldGroup) + protowire.SizeBytes(len(t.group))
	}
	for _, uid := range t.uids {
		n += protowire.SizeTag(fieldUIDs) + protowire.SizeBytes(len(uid))
	}
	if t.everyone {
		n += protowire.SizeTag(fieldEveryone) + 1
	}
	for _, uid := range t.except {
		n += protowire.SizeTag(fieldExcept) + protowire.SizeBytes(len(uid))
	}
	return n
}

// encode returns the target as a field of hawos.Envelope.
func (t Target) encode() []byte {
	n := t.size()
	b := make([]byte, 0, n+8)
	b = protowire.AppendTag(b, fieldTarget, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(n))
	if t.group != "" {
		b = appendString(b, fieldGroup, t.group)
	}
	for _, uid := range t.uids {
		b = appendString(b, fieldUIDs, uid)
	}
	if t.everyone {
		b = protowire.AppendTag(b, fieldEveryone, protowire.VarintType)
		b = protowire.AppendVarint(b, 1)
	}
	for _, uid := range t.except {
		b = appendString(b, fieldExcept, uid)
	}
	return b
}

func appendString(b []byte, field protowire.Number, s string) []byte {
	b = protowire.AppendTag(b, field, protowire.BytesType)
	return protowire.AppendString(b, s)
}
