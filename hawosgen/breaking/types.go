package breaking

import (
	"google.golang.org/protobuf/reflect/protoreflect"
)

// wire returns how a field is encoded: fields of one kind of it read each
// other's values, though some cut them off. (protobuf.dev: Updating A Message
// Type)
func wire(f protoreflect.FieldDescriptor) string {
	if f.IsMap() {
		return "map of " + wire(f.MapKey()) + " to " + wire(f.MapValue())
	}
	switch f.Kind() {
	case protoreflect.BoolKind, protoreflect.EnumKind, protoreflect.Int32Kind, protoreflect.Int64Kind, protoreflect.Uint32Kind, protoreflect.Uint64Kind:
		return "varint"
	case protoreflect.Sint32Kind, protoreflect.Sint64Kind:
		return "zigzag"
	case protoreflect.Fixed32Kind, protoreflect.Sfixed32Kind:
		return "fixed32"
	case protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		return "fixed64"
	case protoreflect.StringKind, protoreflect.BytesKind:
		return "bytes"
	}
	return f.Kind().String() // float, double, message, group: each its own
}

// inJSON returns what a field is in JSON. (protobuf.dev: ProtoJSON Format)
func inJSON(f protoreflect.FieldDescriptor) string {
	switch f.Kind() {
	case protoreflect.BoolKind:
		return "true or false"
	case protoreflect.StringKind:
		return "text"
	case protoreflect.BytesKind:
		return "base64"
	case protoreflect.EnumKind:
		return "a name"
	case protoreflect.Int64Kind, protoreflect.Uint64Kind, protoreflect.Sint64Kind, protoreflect.Fixed64Kind, protoreflect.Sfixed64Kind:
		return "a number in quotes"
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return "an object"
	}
	return "a number"
}

// label returns how many values a field has.
func label(f protoreflect.FieldDescriptor) string {
	switch {
	case f.IsMap():
		return "a map"
	case f.IsList():
		return "repeated"
	}
	return "single"
}

// typeText returns a field's type as the schema writes it.
func typeText(f protoreflect.FieldDescriptor) string {
	switch {
	case f.IsMap():
		return "map<" + typeText(f.MapKey()) + ", " + typeText(f.MapValue()) + ">"
	case f.IsList():
		return "repeated " + oneText(f)
	}
	return oneText(f)
}

func oneText(f protoreflect.FieldDescriptor) string {
	switch {
	case f.Message() != nil:
		return string(f.Message().FullName())
	case f.Enum() != nil:
		return string(f.Enum().FullName())
	}
	return f.Kind().String()
}

// isForeignChange reports whether a field has become another message where one
// of the two is protobuf's own, whose JSON is none of its fields'.
func isForeignChange(was, now protoreflect.FieldDescriptor) bool {
	if was.IsMap() && now.IsMap() {
		return isForeignChange(was.MapValue(), now.MapValue())
	}
	a, b := was.Message(), now.Message()
	return a != nil && b != nil && a.FullName() != b.FullName() && (isForeign(a) || isForeign(b))
}
