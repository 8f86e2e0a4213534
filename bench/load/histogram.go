package load

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Histogram counts durations in buckets of at most 3 % width. The zero value is
// empty. Its methods may be called concurrently.
type Histogram struct {
	buckets [64 * sub]atomic.Uint64
}

const sub = 32 // buckets per doubling

// Add counts d.
func (h *Histogram) Add(d time.Duration) { h.buckets[bucket(uint64(max(d, 1)))].Add(1) }

// Reset forgets everything.
func (h *Histogram) Reset() {
	for i := range h.buckets {
		h.buckets[i].Store(0)
	}
}

// Count returns how many durations were added.
func (h *Histogram) Count() (all uint64) {
	for i := range h.buckets {
		all += h.buckets[i].Load()
	}
	return all
}

// Quantile returns the duration below which the share q, 0 to 1, of all lies.
func (h *Histogram) Quantile(q float64) time.Duration {
	var all, seen uint64
	for i := range h.buckets {
		all += h.buckets[i].Load()
	}
	for i := range h.buckets {
		if seen += h.buckets[i].Load(); seen > uint64(q*float64(all)) {
			return time.Duration(lower(i))
		}
	}
	return 0
}

// bucket splits each power of two into sub parts.
func bucket(v uint64) int {
	if v < sub {
		return int(v)
	}
	e := bits.Len64(v) - 6 // v>>e is in [32, 64)
	return (e+1)*sub + int(v>>e) - sub
}

func lower(i int) uint64 {
	if i < sub {
		return uint64(i)
	}
	e := i/sub - 1
	return uint64(i%sub+sub) << e
}
