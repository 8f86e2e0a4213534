package breaking

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/hawosgen/schema"
)

// The fields of a field's descriptor that name its type.
const (
	typeTag     = 5
	typeNameTag = 6
)

// typePlace returns where a field's type stands.
func (c *comparison) typePlace(f protoreflect.FieldDescriptor) schema.Pos {
	if f.Message() != nil || f.Enum() != nil {
		return c.new.Place(f, typeNameTag)
	}
	return c.new.Place(f, typeTag)
}

// field compares the fields that have one number.
func (c *comparison) field(was, now protoreflect.FieldDescriptor, client bool) {
	of := now.Parent().FullName()
	if was.Name() != now.Name() {
		moved := now.ContainingMessage().Fields().ByName(was.Name())
		switch {
		case moved != nil:
			c.renumbered(was, moved)
			return
		case label(was) != label(now) || wire(was) != wire(now) || isForeignChange(was, now):
			c.find(fieldReused, c.new.Place(now), fmt.Sprintf("number %d of %s is %s %s, and was %s %s", now.Number(), of, typeText(now), now.Name(), typeText(was), was.Name()),
				"give the new field a number of its own", was)
			return
		case client:
			c.find(jsonName, c.new.Place(now), fmt.Sprintf("field %d of %s is called %q, and JSON clients know it as %q", now.Number(), of, now.Name(), was.Name()),
				"give it its name back, or add a new field beside it", was)
		}
	}
	switch {
	case label(was) != label(now):
		c.find(fieldLabel, c.typePlace(now), fmt.Sprintf("field %q of %s is %s, and was %s", now.Name(), of, label(now), label(was)), newField, was)
		return
	case wire(was) != wire(now) || isForeignChange(was, now):
		c.find(fieldType, c.typePlace(now), fmt.Sprintf("field %q of %s is %s, and was %s, which is encoded in another way", now.Name(), of, typeText(now), typeText(was)), newField, was)
		return
	}
	c.required(was, now)
	c.kind(fields{was, now}, was, now, client)
}

const newField = "add a new field with a number of its own, and keep this one"

// required compares who refuses a message without the field, and what it is
// taken for where it is not there.
func (c *comparison) required(was, now protoreflect.FieldDescriptor) {
	isRequired, wasRequired := now.Cardinality() == protoreflect.Required, was.Cardinality() == protoreflect.Required
	switch {
	case isRequired && !wasRequired:
		c.find(fieldRequired, c.new.Place(now), fmt.Sprintf("field %q of %s is required, and clients built before may not send it", now.Name(), now.Parent().FullName()), "make it optional", was)
	case wasRequired && !isRequired:
		c.find(fieldRequired, c.new.Place(now), fmt.Sprintf("field %q of %s was required, and clients built before refuse messages without it", now.Name(), now.Parent().FullName()), "always set it, and keep it required", was)
	}
	if was.Kind() == now.Kind() && !was.IsList() && was.Message() == nil && defaultOf(was) != defaultOf(now) {
		c.find(fieldDefault, c.new.Place(now), fmt.Sprintf("field %q of %s is %s where it is not sent, and was %s", now.Name(), now.Parent().FullName(), defaultOf(now), defaultOf(was)), "give it its default back", was)
	}
}

// defaultOf returns what a field is taken for where it is not there.
func defaultOf(f protoreflect.FieldDescriptor) string {
	if f.Kind() == protoreflect.EnumKind {
		if !f.HasDefault() {
			return "0"
		}
		return fmt.Sprint(f.Default().Enum())
	}
	if f.Kind() == protoreflect.StringKind || f.Kind() == protoreflect.BytesKind {
		return fmt.Sprintf("%q", f.Default().Interface())
	}
	return fmt.Sprint(f.Default().Interface())
}

// fields are the fields that a finding names: those of a message, of which the
// ones that are compared may be the key or the value.
type fields struct{ was, now protoreflect.FieldDescriptor }

// kind compares types that are encoded in the same way.
func (c *comparison) kind(of fields, was, now protoreflect.FieldDescriptor, client bool) {
	switch {
	case was.IsMap():
		c.kind(of, was.MapKey(), now.MapKey(), false) // in JSON all keys are text
		c.kind(of, was.MapValue(), now.MapValue(), client)
	case was.Kind() != now.Kind():
		name := fmt.Sprintf("field %q of %s", of.now.Name(), of.now.Parent().FullName())
		if client && inJSON(was) != inJSON(now) {
			c.find(jsonType, c.typePlace(of.now), fmt.Sprintf("%s is %s in JSON, and was %s", name, inJSON(now), inJSON(was)), newField, of.was)
		}
		cut := "values that do not fit are cut off"
		if wire(was) == "bytes" {
			cut = "values that are no UTF-8 are refused"
		}
		c.find(fieldCast, c.typePlace(of.now), fmt.Sprintf("%s is %s, and was %s: %s", name, typeText(of.now), typeText(of.was), cut),
			"check that there is none, or add a new field", of.was)
	case was.Message() != nil:
		c.message(was.Message(), now.Message(), client)
	case was.Enum() != nil:
		c.enum(was.Enum(), now.Enum(), client)
	}
}
