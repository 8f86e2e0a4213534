package schema

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// GoCamel returns the Go name that protoc-gen-go makes of a protobuf name: each
// word's first letter in upper case, underscores before lower-case letters gone.
func GoCamel(name string) string {
	var b strings.Builder
	lower := func(i int) bool { return i < len(name) && 'a' <= name[i] && name[i] <= 'z' }
	digit := func(ch byte) bool { return '0' <= ch && ch <= '9' }
	for i := 0; i < len(name); i++ {
		ch := name[i]
		switch {
		case ch == '.' && lower(i+1): // the dot goes, the next word begins
		case ch == '.':
			b.WriteByte('_')
		case ch == '_' && (i == 0 || name[i-1] == '.'):
			b.WriteByte('X')
		case ch == '_' && lower(i+1):
		case digit(ch):
			b.WriteByte(ch)
		default:
			if 'a' <= ch && ch <= 'z' {
				ch -= 'a' - 'A'
			}
			b.WriteByte(ch)
			for ; lower(i + 1); i++ {
				b.WriteByte(name[i+1])
			}
		}
	}
	return b.String()
}

// GoName returns the name in Go of a message, enum, service or rpc, without its
// package: Room_Member for the message Member in Room.
func GoName(d protoreflect.Descriptor) string {
	switch d.(type) {
	case protoreflect.MessageDescriptor, protoreflect.EnumDescriptor:
		name := strings.TrimPrefix(string(d.FullName()), string(d.ParentFile().Package()))
		return GoCamel(strings.TrimPrefix(name, "."))
	}
	return GoCamel(string(d.Name()))
}

// GoValueName returns the name in Go of an enum's value: Code_ROOM_FULL. Values
// of an enum in a message bear the message's name.
func GoValueName(v protoreflect.EnumValueDescriptor) string {
	enum := v.Parent()
	if m, ok := enum.Parent().(protoreflect.MessageDescriptor); ok {
		return GoName(m) + "_" + string(v.Name())
	}
	return GoName(enum) + "_" + string(v.Name())
}
