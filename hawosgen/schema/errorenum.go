package schema

import (
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/hawos/hawos/runtime/hawospb"
)

// firstCode is the first error code that belongs to the project.
const firstCode = 100

// errors takes in the enums of typed errors.
func (c *checker) errors() {
	seen := map[protoreflect.EnumNumber]protoreflect.EnumValueDescriptor{}
	for _, f := range c.owned() {
		enums := func(in interface {
			Enums() protoreflect.EnumDescriptors
		}) {
			for i := range in.Enums().Len() {
				c.errorEnum(f, in.Enums().Get(i), seen)
			}
		}
		enums(f.Desc)
		everyMessage(f.Desc, func(m protoreflect.MessageDescriptor) { enums(m) })
	}
}

// errorEnum takes in one enum, if it is one of errors.
func (c *checker) errorEnum(f *File, d protoreflect.EnumDescriptor, seen map[protoreflect.EnumNumber]protoreflect.EnumValueDescriptor) {
	if on, _ := proto.GetExtension(options[descriptorpb.EnumOptions](d), hawospb.E_Errors).(bool); !on {
		return
	}
	e := &ErrorEnum{File: f, Desc: d, Doc: docOf(d), Pos: c.src.name(d)}
	for i := range d.Values().Len() {
		v := d.Values().Get(i)
		pos, n := c.src.name(v), v.Number()
		first, twice := seen[n]
		switch {
		case n == 0: // proto3 wants one; it means no error
			continue
		case n < firstCode:
			c.fault(pos, fmt.Sprintf("error code %d of %s is reserved: 1 to 16 are gRPC's, 17 to 99 hawos's", n, v.Name()),
				fmt.Sprintf("use one from %d on", firstCode))
			continue
		case twice:
			c.fault(pos, fmt.Sprintf("error code %d is given twice: %s and %s", n, qualified(first), qualified(v)),
				"give one of them another code: codes are unique over the project", Note{Text: "first given here", Pos: c.src.name(first)})
			continue
		}
		seen[n] = v
		e.Values = append(e.Values, ErrorValue{Desc: v, Code: uint32(n), Doc: docOf(v), Pos: pos})
	}
	c.schema.Errors = append(c.schema.Errors, e)
}

// qualified returns a value's name below its enum's, chat.v1.Code.ROOM_FULL;
// protobuf's own full name leaves the enum out.
func qualified(v protoreflect.EnumValueDescriptor) string {
	return string(v.Parent().FullName()) + "." + string(v.Name())
}
