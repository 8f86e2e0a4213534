package lock

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/jhump/protoreflect/v2/protoresolve"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/hawosgen/schema"
)

// Change is what became of one ID.
type Change struct {
	Kind Did
	ID   uint32
	Old  Entry // zero for Added
	New  Entry // zero for Retired
}

// Did says what became of an ID.
type Did uint8

// What may become of an ID.
const (
	Added    Did = iota // the ID is new
	Renamed             // the same under another name: the user's method follows
	Retired             // the schema has it no more; its line stays
	Revived             // a retired one is back under its full name
	Changed             // same name, but other fields: clients may break
	Replaced            // it means something else now, which the user accepted
)

// String returns the change as a line of a report.
func (c Change) String() string {
	switch c.Kind {
	case Added:
		return fmt.Sprintf("%d: new %s %s", c.ID, c.New.Kind, c.New.Name)
	case Renamed:
		return fmt.Sprintf("%d: %s %s is now called %s", c.ID, c.New.Kind, c.Old.Name, c.New.Name)
	case Retired:
		return fmt.Sprintf("%d: %s %s is gone; the ID is retired", c.ID, c.Old.Kind, c.Old.Name)
	case Revived:
		return fmt.Sprintf("%d: %s %s is back", c.ID, c.New.Kind, c.New.Name)
	case Changed:
		return fmt.Sprintf("%d: the fields of %s changed; clients built before may break", c.ID, strings.Join(c.fields(), " and "))
	default:
		return fmt.Sprintf("%d: was the %s %s, is now the %s %s", c.ID, c.Old.Kind, c.Old.Name, c.New.Kind, c.New.Name)
	}
}

// fields names the messages whose fields changed.
func (c Change) fields() []string {
	var out []string
	for _, m := range [][2]Message{{c.Old.Request, c.New.Request}, {c.Old.Reply, c.New.Reply}} {
		if m[0].Fingerprint != m[1].Fingerprint && !slices.Contains(out, m[1].Name) {
			out = append(out, m[1].Name)
		}
	}
	return out
}

// Compare holds a schema against the lock of the last run. It returns the lock to
// write and what changed, by ID; or, where an ID that the user has not accepted
// would mean something else, faults alone. Changes of kind Changed are warnings.
func Compare(old Lock, s *schema.Schema, accept []uint32) (Lock, []Change, schema.Faults) {
	c := comparison{schema: s, old: index(old), new: Of(s), homes: map[string]uint32{}, accepted: accept}
	for _, e := range old {
		if !e.Retired {
			c.homes[e.Name] = e.ID
		}
	}
	for _, e := range c.new {
		c.entry(e)
	}
	now := index(c.new)
	next := slices.Clone(c.new)
	for _, e := range old {
		if _, here := now[e.ID]; here {
			continue
		}
		if !e.Retired {
			c.change(Retired, e, Entry{})
		}
		e.Retired = true
		next = append(next, e)
	}
	if len(c.faults) > 0 {
		return nil, nil, c.faults.Sorted()
	}
	next.sort()
	slices.SortStableFunc(c.changes, func(a, b Change) int { return cmp.Compare(a.ID, b.ID) })
	return next, c.changes, nil
}

func index(l Lock) map[uint32]Entry {
	out := make(map[uint32]Entry, len(l))
	for _, e := range l {
		out[e.ID] = e
	}
	return out
}

// comparison is one run of Compare.
type comparison struct {
	schema   *schema.Schema
	old      map[uint32]Entry
	new      Lock
	homes    map[string]uint32 // by name: the ID that it had, unless retired
	accepted []uint32
	changes  []Change
	faults   schema.Faults
}

func (c *comparison) change(did Did, from, to Entry) {
	c.changes = append(c.changes, Change{Kind: did, ID: cmp.Or(to.ID, from.ID), Old: from, New: to})
}

// entry compares what one ID means now with what it meant.
func (c *comparison) entry(e Entry) {
	was, known := c.old[e.ID]
	if !known {
		c.change(Added, Entry{}, e)
		return
	}
	if was.Kind == e.Kind && was.Name == e.Name {
		if was.Retired {
			c.change(Revived, was, e)
		}
		if was.wire() != e.wire() {
			c.change(Changed, was, e)
		}
		return
	}
	why := c.another(was, e)
	switch {
	case why == "":
		c.change(Renamed, was, e)
	case slices.Contains(c.accepted, e.ID):
		c.change(Replaced, was, e)
	default:
		c.refuse(was, e, why)
	}
}

// another says why e is not what was is under a new name; empty where it is.
func (c *comparison) another(was, e Entry) string {
	home, moved := c.homes[e.Name]
	switch {
	case was.Retired:
		return "it is retired"
	case was.Kind != e.Kind:
		return "clients send one and receive the other"
	case moved && c.nowAt(home) == was.Name:
		return fmt.Sprintf("the two exchanged their IDs %d and %d", e.ID, home)
	case moved:
		return fmt.Sprintf("%s has the ID %d", e.Name, home)
	case parent(was.Name) != parent(e.Name):
		return fmt.Sprintf("it belongs to %s", parent(was.Name))
	case c.declares(was.Name):
		return fmt.Sprintf("%s is still there, so this is no mere new name", was.Name)
	case was.wire() != e.wire():
		return "its messages have other fields, so this is no mere new name"
	}
	return ""
}

// nowAt returns the name that an ID has in the schema.
func (c *comparison) nowAt(id uint32) string {
	at, found := slices.BinarySearchFunc(c.new, id, func(e Entry, id uint32) int { return cmp.Compare(e.ID, id) })
	if !found {
		return ""
	}
	return c.new[at].Name
}

// declares reports whether the schema still has an rpc or a message of the name,
// with an ID or without.
func (c *comparison) declares(name string) bool {
	return slices.ContainsFunc(c.schema.Owned(), func(f *schema.File) bool {
		return protoresolve.FindDescriptorByNameInFile(f.Desc, protoreflect.FullName(name)) != nil
	})
}

// refuse takes in the fault of an ID that means something else.
func (c *comparison) refuse(was, e Entry, why string) {
	text := fmt.Sprintf("protocol ID %d stands for the %s %s and cannot become the %s %s: %s", e.ID, was.Kind, was.Name, e.Kind, e.Name, why)
	remedy := fmt.Sprintf("give %s a free ID; %s", e.Name, c.schema.FreeNear(e.ID))
	if home, moved := c.homes[e.Name]; moved {
		remedy = fmt.Sprintf("give %s its ID %d back", e.Name, home)
	}
	remedy += fmt.Sprintf("; or, once no client knows the old one any more, run hawosgen proto --accept %d", e.ID)
	var also []schema.Note
	if was.line > 0 {
		also = append(also, schema.Note{Text: "it was", Pos: schema.Pos{File: Name, Line: was.line}})
	}
	c.faults = append(c.faults, c.schema.Fault(c.place(e.ID), text, remedy, also...))
}

// place returns where the schema gives an ID.
func (c *comparison) place(id uint32) schema.Pos {
	for _, svc := range c.schema.Services {
		for _, m := range svc.Methods {
			if m.ID == id {
				return m.IDPos
			}
		}
	}
	for _, p := range c.schema.Pushes {
		if p.ID == id {
			return p.IDPos
		}
	}
	return schema.Pos{}
}

// wire is what a client notices of an entry.
func (e Entry) wire() [2]string { return [2]string{e.Request.Fingerprint, e.Reply.Fingerprint} }

// parent returns a full name without its last part: the service of an rpc, the
// package or message of a push.
func parent(name string) string {
	return name[:max(0, strings.LastIndexByte(name, '.'))]
}
