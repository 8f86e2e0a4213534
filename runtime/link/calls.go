package link

// calls are the requests in flight on one stream, by call number. A number is
// used again only after others, so that a stray reply hits nothing.
type calls struct {
	slots []slot
	free  []uint32
	n     int
}

type slot struct {
	p   *pending
	use uint32 // how often the slot was taken; part of the call number
}

const (
	slotBits = 20 // a million in flight
	useLimit = 128
)

// add returns the call number of p, ≥ 1; 0 where limit are in flight.
func (c *calls) add(p *pending, limit int) uint64 {
	if c.n >= limit {
		return 0
	}
	var n uint32
	if last := len(c.free) - 1; last >= 0 {
		n, c.free = c.free[last], c.free[:last]
	} else {
		n = uint32(len(c.slots))
		c.slots = append(c.slots, slot{})
	}
	s := &c.slots[n]
	s.p, s.use = p, s.use%(useLimit-1)+1
	c.n++
	return uint64(s.use)<<slotBits | uint64(n)
}

// take removes and returns the request of a call number; nil where there is none.
func (c *calls) take(call uint64) *pending {
	n := call & (1<<slotBits - 1)
	if n >= uint64(len(c.slots)) || c.slots[n].p == nil || uint64(c.slots[n].use) != call>>slotBits {
		return nil
	}
	p := c.slots[n].p
	c.slots[n].p = nil
	c.free = append(c.free, uint32(n))
	c.n--
	return p
}

// takeAll removes and returns all, in no order.
func (c *calls) takeAll() []*pending {
	var all []*pending
	for n := range c.slots {
		if p := c.slots[n].p; p != nil {
			all = append(all, p)
		}
	}
	*c = calls{}
	return all
}
