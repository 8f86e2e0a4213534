package load

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Latency counts durations in buckets whose width is an eighth of their value,
// so that its size does not grow with the run. It may be used concurrently.
type Latency struct {
	buckets [64 * 8]atomic.Int64
}

// Add counts a duration.
func (l *Latency) Add(d time.Duration) { l.buckets[bucket(max(d, 0))].Add(1) }

// Quantile returns the duration below which the share q of all are, such as 0.99;
// 0 where there are none.
func (l *Latency) Quantile(q float64) time.Duration {
	var all int64
	for i := range l.buckets {
		all += l.buckets[i].Load()
	}
	rest := int64(q * float64(all))
	for i := range l.buckets {
		n := l.buckets[i].Load()
		if n > 0 && rest < n {
			return upper(i)
		}
		rest -= n
	}
	return 0
}

// bucket returns the index of d: its power of two and the next three bits.
func bucket(d time.Duration) int {
	n := bits.Len64(uint64(d))
	if n <= 3 {
		return int(d)
	}
	return (n-3)*8 + int(uint64(d)>>(n-4))&7
}

// upper returns the greatest duration in a bucket.
func upper(i int) time.Duration {
	if i < 8 {
		return time.Duration(i)
	}
	n := i/8 + 3
	return time.Duration(uint64(8+i%8+1)<<(n-4) - 1)
}
