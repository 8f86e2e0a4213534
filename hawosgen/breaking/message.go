package breaking

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// message compares a message with what it was; client says that clients by
// protocol ID send or receive it, who may speak JSON.
func (c *comparison) message(was, now protoreflect.MessageDescriptor, client bool) {
	key := pair{was.FullName(), now.FullName()}
	if c.seen[key] || isForeign(was) && key.old == key.new {
		return
	}
	c.seen[key] = true
	for i := range was.Fields().Len() {
		f := was.Fields().Get(i)
		to := now.Fields().ByNumber(f.Number())
		if to == nil {
			c.goneField(f, now)
			continue
		}
		c.field(f, to, client)
	}
	for i := range now.Fields().Len() {
		f := now.Fields().Get(i)
		switch {
		case was.Fields().ByNumber(f.Number()) != nil:
		case was.ReservedRanges().Has(f.Number()):
			c.find(fieldReused, c.new.Place(f), fmt.Sprintf("number %d of %s is field %q, and was reserved", f.Number(), now.FullName(), f.Name()),
				"give the field another number, and reserve the old one again", was)
		case f.Cardinality() == protoreflect.Required:
			c.find(fieldRequired, c.new.Place(f), fmt.Sprintf("the new field %q of %s is required, and clients built before do not send it", f.Name(), now.FullName()),
				"make it optional", was)
		}
	}
	c.oneofs(was, now)
}

// isForeign reports whether a message is one of protobuf's own.
func isForeign(m protoreflect.MessageDescriptor) bool {
	return strings.HasPrefix(string(m.FullName()), "google.protobuf.")
}

// goneField finds that a field is no more, or has another number.
func (c *comparison) goneField(was protoreflect.FieldDescriptor, now protoreflect.MessageDescriptor) {
	if moved := now.Fields().ByName(was.Name()); moved != nil {
		c.renumbered(was, moved)
		return
	}
	if was.Cardinality() == protoreflect.Required {
		c.find(fieldRequired, c.new.Place(now), fmt.Sprintf("field %q of %s is gone, and clients built before refuse messages without it", was.Name(), now.FullName()),
			"keep the field", was)
		return
	}
	number, name := now.ReservedRanges().Has(was.Number()), now.ReservedNames().Has(was.Name())
	var reserve []string
	if !number {
		reserve = append(reserve, fmt.Sprintf("reserved %d;", was.Number()))
	}
	if !name {
		reserve = append(reserve, fmt.Sprintf("reserved %q;", was.Name()))
	}
	if len(reserve) > 0 {
		c.find(fieldUnreserved, c.new.Place(now), fmt.Sprintf("field %q of %s is gone, and its number or name can become another's", was.Name(), now.FullName()),
			"add "+strings.Join(reserve, " "), was)
	}
}

func (c *comparison) renumbered(was, now protoreflect.FieldDescriptor) {
	c.find(fieldRenumbered, c.new.Place(now), fmt.Sprintf("field %q of %s has the number %d, and had %d", now.Name(), now.Parent().FullName(), now.Number(), was.Number()),
		fmt.Sprintf("give it its %d back", was.Number()), was)
}

// oneofs compares which fields exclude each other.
func (c *comparison) oneofs(was, now protoreflect.MessageDescriptor) {
	for i := range now.Fields().Len() {
		f := now.Fields().Get(i)
		oldF := was.Fields().ByNumber(f.Number())
		if oldF == nil {
			continue
		}
		for j := range i {
			g := now.Fields().Get(j)
			oldG := was.Fields().ByNumber(g.Number())
			if oldG == nil || exclude(oldF, oldG) == exclude(f, g) {
				continue
			}
			text := fmt.Sprintf("fields %q and %q of %s exclude each other, and could be set together", g.Name(), f.Name(), now.FullName())
			if exclude(oldF, oldG) {
				text = fmt.Sprintf("fields %q and %q of %s can be set together, and excluded each other", g.Name(), f.Name(), now.FullName())
			}
			c.find(fieldOneof, c.new.Place(f), text, "add a new field, with a number of its own, for the new use", oldF)
		}
	}
}

// exclude reports whether two fields are of one oneof.
func exclude(f, g protoreflect.FieldDescriptor) bool {
	return f.ContainingOneof() != nil && f.ContainingOneof() == g.ContainingOneof()
}
