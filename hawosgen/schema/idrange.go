package schema

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/hawos/hawos/runtime/route"
)

// Range is a range of protocol IDs, both ends included.
type Range struct {
	Low, High uint32
}

// IsZero reports whether no range was given.
func (r Range) IsZero() bool { return r == Range{} }

// Contains reports whether id lies in r; in the zero Range every ID does.
func (r Range) Contains(id uint32) bool {
	return r.IsZero() || r.Low <= id && id <= r.High
}

// String returns "2000-2999".
func (r Range) String() string { return fmt.Sprintf("%d-%d", r.Low, r.High) }

// ParseRange reads a range as the option app gives it: "2000-2999". It reports
// false where that is none, or not one of a project's protocol IDs.
func ParseRange(text string) (Range, bool) {
	low, high, found := strings.Cut(text, "-")
	l, errLow := strconv.ParseUint(strings.TrimSpace(low), 10, 32)
	h, errHigh := strconv.ParseUint(strings.TrimSpace(high), 10, 32)
	if !found || errLow != nil || errHigh != nil || l < route.FirstID || h > lastID || l > h {
		return Range{}, false
	}
	return Range{Low: uint32(l), High: uint32(h)}, true
}
