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

// rangesOf returns the range of a service as a claim has it.
func rangesOf(s *Service) []Range {
	if s.IDs.IsZero() {
		return nil
	}
	return []Range{s.IDs}
}

// rangesOfApp returns the ranges of an app's services; none where one of them
// may have any ID.
func (c *checker) rangesOfApp(app string) []Range {
	var out []Range
	for _, s := range c.schema.Services {
		if s.App != app {
			continue
		}
		if s.IDs.IsZero() {
			return nil
		}
		out = append(out, s.IDs)
	}
	return out
}

// ids checks that each protocol ID is one of the project's, lies in its range
// and means one thing.
func (c *checker) ids() {
	slices.SortStableFunc(c.claims, func(a, b claim) int {
		return cmp.Or(cmp.Compare(a.id, b.id), a.pos.compare(b.pos))
	})
	used := map[uint32]bool{}
	for _, id := range c.src.config.Retired {
		used[id] = true
	}
	for _, cl := range c.claims {
		used[cl.id] = true
	}
	var first claim
	for _, cl := range c.claims {
		inRange := len(cl.ranges) == 0 || slices.ContainsFunc(cl.ranges, func(r Range) bool { return r.Contains(cl.id) })
		switch {
		case cl.id < route.FirstID:
			c.fault(cl.pos, fmt.Sprintf("protocol ID %d of %s is reserved: those below %d belong to hawos", cl.id, cl.name, route.FirstID),
				"give it a free ID; "+nextFree(cl, used))
		case cl.id > lastID:
			c.fault(cl.pos, fmt.Sprintf("protocol ID %d of %s is too high: the last is %d", cl.id, cl.name, lastID),
				"give it a free ID; "+nextFree(cl, used))
		case first.id == cl.id:
			c.fault(cl.pos, fmt.Sprintf("protocol ID %d is given twice: %s and %s", cl.id, first.name, cl.name),
				"give one of them a free ID; "+nextFree(cl, used), Note{Text: "first given here", Pos: first.pos})
			continue
		case !inRange:
			c.fault(cl.pos, fmt.Sprintf("protocol ID %d of %s is outside its app's range %s", cl.id, cl.name, rangeText(cl.ranges)),
				"give it an ID of the range; "+nextFree(cl, used)+"; or widen ids")
		}
		first = cl
	}
}

func rangeText(ranges []Range) string {
	var parts []string
	for _, r := range ranges {
		if text := r.String(); !slices.Contains(parts, text) {
			parts = append(parts, text)
		}
	}
	return strings.Join(parts, ", ")
}

// String returns "2000-2999".
func (r Range) String() string { return fmt.Sprintf("%d-%d", r.Low, r.High) }

// nextFree says which ID a claim could have instead, in its first range or among
// the thousand that its ID lies in.
func nextFree(cl claim, used map[uint32]bool) string {
	r := Range{Low: max(route.FirstID, min(cl.id, lastID)/1000*1000)}
	r.High = min(r.Low/1000*1000+999, lastID)
	if len(cl.ranges) > 0 {
		r = cl.ranges[0]
	}
	if id, ok := r.free(used); ok {
		return fmt.Sprintf("the next in %s is %d", r, id)
	}
	return fmt.Sprintf("%s is full", r)
}

// free returns the ID after the highest used one of r, else the first that is
// not used.
func (r Range) free(used map[uint32]bool) (uint32, bool) {
	next := r.Low
	for id := range used {
		if r.Contains(id) {
			next = max(next, id+1)
		}
	}
	if r.Contains(next) && !used[next] {
		return next, true
	}
	for id := r.Low; id <= r.High; id++ {
		if !used[id] {
			return id, true
		}
	}
	return 0, false
}
