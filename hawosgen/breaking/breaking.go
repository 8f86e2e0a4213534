// Package breaking holds a project's schema against an earlier one and finds
// what breaks clients that were built from that: by the binary protocol, by JSON,
// and, between services, by gRPC. The protocol ID is the identity of an rpc or a
// push, the number that of a field; names count where they are sent.
//
// Start from Compare. Package lock compares IDs too, with the last run's, so
// that a run writes nothing by mistake; this package compares releases.
package breaking

import (
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/hawosgen/report"
	"github.com/hawos/hawos/hawosgen/schema"
)

// Compare returns what clients of before notice of after. place says how a place
// in before is shown to the user.
func Compare(before, after *schema.Schema, place func(schema.Pos) schema.Pos) []report.Finding {
	c := &comparison{old: before, new: after, rules: Rules(), place: place, seen: map[pair]bool{}}
	c.ids() // first: what clients see of a message is more than what services do
	c.rpcs()
	c.errors()
	c.rest()
	return c.found
}

// comparison is one run of Compare.
type comparison struct {
	old, new *schema.Schema
	rules    report.Rules
	place    func(schema.Pos) schema.Pos
	seen     map[pair]bool
	found    []report.Finding
}

// pair are two messages or enums that were compared.
type pair struct{ old, new protoreflect.FullName }

// find takes in a finding at a place of the new schema; was is what it was.
func (c *comparison) find(rule string, pos schema.Pos, text, remedy string, was protoreflect.Descriptor) {
	c.findAt(rule, pos, text, remedy, c.old.Place(was))
}

func (c *comparison) findAt(rule string, pos schema.Pos, text, remedy string, was schema.Pos) {
	note := schema.Note{Text: "it was", Pos: c.place(was)}
	c.found = append(c.found, c.rules.New(rule, c.new.Fault(pos, text, remedy, note)))
}

// home returns the place in the new schema where something that is gone would
// be: what declared it, else its file; no place where that is gone too.
func (c *comparison) home(gone protoreflect.Descriptor) schema.Pos {
	for d := gone.Parent(); d != nil; d = d.Parent() {
		if f, ok := d.(protoreflect.FileDescriptor); ok {
			if now := c.new.File(f.Path()); now != nil && now.Owned {
				return c.new.Place(now.Desc)
			}
			return schema.Pos{}
		}
		if now := c.new.Find(d.FullName()); now != nil {
			return c.new.Place(now)
		}
	}
	return schema.Pos{}
}

// rest compares the messages and enums that no rpc or push leads to, but that a
// service may store, by their names.
func (c *comparison) rest() {
	for _, f := range c.old.Owned() {
		c.messagesIn(f.Desc)
	}
}

func (c *comparison) messagesIn(in interface {
	Messages() protoreflect.MessageDescriptors
}) {
	for i := range in.Messages().Len() {
		m := in.Messages().Get(i)
		if now, ok := c.new.Find(m.FullName()).(protoreflect.MessageDescriptor); ok && !m.IsMapEntry() {
			c.message(m, now, false)
		}
		c.messagesIn(m)
	}
}
