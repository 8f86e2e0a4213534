package breaking

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/hawosgen/schema"
)

// enum compares an enum with what it was.
func (c *comparison) enum(was, now protoreflect.EnumDescriptor, client bool) {
	key := pair{was.FullName(), now.FullName()}
	if c.seen[key] {
		return
	}
	c.seen[key] = true
	for i := range was.Values().Len() {
		v := was.Values().Get(i)
		same, at := now.Values().ByName(v.Name()), now.Values().ByNumber(v.Number())
		switch {
		case same != nil && same.Number() == v.Number():
		case same != nil:
			c.find(enumRenumbered, c.new.Place(same), fmt.Sprintf("enum value %q of %s is %d, and was %d", v.Name(), now.FullName(), same.Number(), v.Number()),
				fmt.Sprintf("give it its %d back", v.Number()), v)
		case at == nil:
			c.goneValue(v, now)
		case client:
			c.find(jsonName, c.new.Place(at), fmt.Sprintf("enum value %d of %s is called %q, and JSON clients know it as %q", v.Number(), now.FullName(), at.Name(), v.Name()),
				"give it its name back", v)
		}
	}
}

// goneValue finds that a value of an enum is no more.
func (c *comparison) goneValue(was protoreflect.EnumValueDescriptor, now protoreflect.EnumDescriptor) {
	if now.ReservedRanges().Has(was.Number()) && now.ReservedNames().Has(was.Name()) {
		c.find(enumUnreserved, c.new.Place(now), fmt.Sprintf("enum value %q of %s is gone, and clients built before may send it", was.Name(), now.FullName()),
			fmt.Sprintf("answer an unknown value such as %d in the handler", was.Number()), was)
		return
	}
	c.find(enumRemoved, c.new.Place(now), fmt.Sprintf("enum value %q (%d) of %s is gone", was.Name(), was.Number(), now.FullName()),
		fmt.Sprintf("keep it, or once no client sends it add reserved %d; reserved %q;", was.Number(), was.Name()), was)
}

// errors compares the codes of typed errors, over all enums: clients see the
// code alone.
func (c *comparison) errors() {
	byCode, byName := map[uint32]schema.ErrorValue{}, map[protoreflect.Name]schema.ErrorValue{}
	for _, e := range c.new.Errors {
		for _, v := range e.Values {
			byCode[v.Code], byName[v.Desc.Name()] = v, v
		}
	}
	for _, e := range c.old.Errors {
		for _, was := range e.Values {
			now, used := byCode[was.Code]
			moved, stays := byName[was.Desc.Name()]
			switch {
			case used && now.Desc.Name() == was.Desc.Name():
			case stays:
				c.find(errorCode, moved.Pos, fmt.Sprintf("error %q has the code %d, and had %d", was.Desc.Name(), moved.Code, was.Code),
					fmt.Sprintf("give it its %d back", was.Code), was.Desc)
			case used:
				c.find(errorRemoved, now.Pos, fmt.Sprintf("error code %d is %q, and was %q", was.Code, now.Desc.Name(), was.Desc.Name()),
					"where it means something else now, give it a code of its own", was.Desc)
			default:
				c.find(errorRemoved, c.home(was.Desc), fmt.Sprintf("error %q (%d) is gone", was.Desc.Name(), was.Code),
					"keep it where a client still waits for it", was.Desc)
			}
		}
	}
}
