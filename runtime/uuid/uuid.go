// Package uuid gives unique numbers, such as IDs of messages: they go up, also
// over restarts and with several processes, though one process's may overtake
// another's. A Store, shared by all processes, hands out segments; a Sequence
// gives the numbers of its segment one by one without asking. Segments of a
// process that stops are not used again, so numbers have gaps.
//
// Start from New, with uuid/redis for services and Memory for unit tests.
package uuid

import (
	"context"
	"fmt"
	"sync/atomic"
)

// Store hands out segments. Its method may be called concurrently.
type Store interface {
	// Take reserves n numbers for good and returns the first: first … first+n-1
	// are the caller's, and greater than all that were taken before. n ≥ 1, and
	// the first number of all is 1.
	Take(ctx context.Context, n int64) (first int64, err error)
}

// Sequence gives unique numbers. It may be used concurrently.
type Sequence struct {
	store   Store
	segment int64
	taking  chan struct{} // holds one token while somebody uses the fields below
	next    int64
	end     int64 // of the segment; next is below it
}

// New returns a sequence that takes segments of that size from the store: so
// many numbers per round trip, and so many lost at most when the process stops.
// segment ≤ 0 is 1000.
func New(store Store, segment int) *Sequence {
	if segment <= 0 {
		segment = 1000
	}
	return &Sequence{store: store, segment: int64(segment), taking: make(chan struct{}, 1)}
}

// Next returns a number ≥ 1 that no other call returns, in any process that uses
// the same store. One process's numbers go up. It fails only where it needs
// another segment and the store does not give one.
func (s *Sequence) Next(ctx context.Context) (int64, error) {
	select {
	case s.taking <- struct{}{}:
	case <-ctx.Done():
		return 0, fmt.Errorf("next unique number: %w", ctx.Err())
	}
	defer func() { <-s.taking }()
	if s.next == s.end {
		first, err := s.store.Take(ctx, s.segment)
		if err != nil {
			return 0, fmt.Errorf("next unique number: %w", err)
		}
		s.next, s.end = first, first+s.segment
	}
	s.next++
	return s.next - 1, nil
}

// Memory is a Store within this process. The zero value begins at 1.
type Memory struct{ last atomic.Int64 }

// Take implements Store.
func (m *Memory) Take(_ context.Context, n int64) (int64, error) {
	return m.last.Add(n) - n + 1, nil
}
