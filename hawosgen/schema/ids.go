package schema

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/runtime/route"
)

// lastID is the highest protocol ID.
const lastID = 1<<31 - 1

// claim is one use of a protocol ID.
type claim struct {
	id     uint32
	name   protoreflect.FullName
	pos    Pos
	ranges []Range // the ID must lie in one of them; none: anywhere
}

// inRange reports whether the ID lies where it must.
func (cl claim) inRange() bool {
	return len(cl.ranges) == 0 || slices.ContainsFunc(cl.ranges, func(r Range) bool { return r.Contains(cl.id) })
}

// ids are the protocol IDs of a schema.
type ids struct {
	claims []claim
	taken  map[uint32][]Range // by ID: the ranges of its first claim
}

func (s *ids) claim(cl claim) {
	if s.taken == nil {
		s.taken = map[uint32][]Range{}
	}
	if _, twice := s.taken[cl.id]; !twice {
		s.taken[cl.id] = cl.ranges
	}
	s.claims = append(s.claims, cl)
}

// propose names a free ID to take in place of the given one: in its range, else
// among the thousand around it.
func (s *ids) propose(id uint32, locked []uint32) string {
	r := around1000(id)
	if ranges := s.taken[id]; len(ranges) > 0 {
		r = ranges[0]
	}
	if free, ok := s.free(r, id, locked); ok {
		return fmt.Sprintf("the next in %s is %d", r, free)
	}
	return fmt.Sprintf("%s is full", r)
}

// around1000 returns the thousand that an ID lies in.
func around1000(id uint32) Range {
	low := max(route.FirstID, min(id, lastID)/1000*1000)
	return Range{Low: low, High: min(low/1000*1000+999, lastID)}
}

// free returns the first ID of r from the given one on that is neither taken nor
// locked, else the first of all.
func (s *ids) free(r Range, from uint32, locked []uint32) (uint32, bool) {
	if !r.Contains(from) {
		from = r.Low
	}
	for i := range uint64(r.High-r.Low) + 1 {
		id := r.Low + uint32((uint64(from-r.Low)+i)%(uint64(r.High-r.Low)+1))
		if _, taken := s.taken[id]; !taken && !slices.Contains(locked, id) {
			return id, true
		}
	}
	return 0, false
}

// checkIDs checks that each protocol ID is one of the project's, lies in its
// range and means one thing.
func (c *checker) checkIDs() {
	claims := c.schema.ids.claims
	slices.SortStableFunc(claims, func(a, b claim) int {
		return cmp.Or(cmp.Compare(a.id, b.id), a.pos.Compare(b.pos))
	})
	var first claim // of those with the same ID
	for _, cl := range claims {
		if first.id == cl.id && first.name != "" {
			c.idFault(cl, fmt.Sprintf("protocol ID %d is given twice: %s and %s", cl.id, first.name, cl.name),
				"give one of them a free ID; %s", Note{Text: "first given here", Pos: first.pos})
			continue
		}
		first = cl
		switch {
		case cl.id < route.FirstID:
			c.idFault(cl, fmt.Sprintf("protocol ID %d of %s is reserved: those below %d belong to hawos", cl.id, cl.name, route.FirstID),
				"give it a free ID; %s")
		case cl.id > lastID:
			c.idFault(cl, fmt.Sprintf("protocol ID %d of %s is too high: the last is %d", cl.id, cl.name, lastID),
				"give it a free ID; %s")
		case !cl.inRange():
			c.idFault(cl, fmt.Sprintf("protocol ID %d of %s is outside its app's range %s", cl.id, cl.name, rangesText(cl.ranges)),
				"give it an ID of the range; %s; or widen ids")
		}
	}
}

// idFault takes in a fault of a claim; remedy has a %s for a free ID.
func (c *checker) idFault(cl claim, text, remedy string, also ...Note) {
	c.fault(cl.pos, text, fmt.Sprintf(remedy, c.schema.FreeNear(cl.id)), also...)
}

func rangesText(ranges []Range) string {
	var parts []string
	for _, r := range ranges {
		if text := r.String(); !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}
