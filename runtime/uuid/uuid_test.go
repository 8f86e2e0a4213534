package uuid_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"testing"

	"github.com/hawos/hawos/runtime/uuid"
)

func TestNumbersAreUniqueAndGoUp(t *testing.T) {
	var store uuid.Memory
	var mu sync.Mutex
	var wait sync.WaitGroup
	seen := map[int64]bool{}
	for range 4 { // processes
		s := uuid.New(&store, 7)
		for range 3 {
			wait.Go(func() {
				last := int64(0)
				for range 100 {
					n, err := s.Next(t.Context())
					mu.Lock()
					if err != nil || n <= last || seen[n] {
						t.Errorf("got %d after %d, seen before: %v, error %v", n, last, seen[n], err)
					}
					seen[n], last = true, n
					mu.Unlock()
				}
			})
		}
	}
	wait.Wait()
}

// A process that starts again never gives what an earlier one gave.
func TestNumbersGoOn(t *testing.T) {
	var store uuid.Memory
	var got []int64
	for range 3 {
		s := uuid.New(&store, 10)
		for range 2 {
			n, err := s.Next(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, n)
		}
	}
	if want := []int64{1, 2, 11, 12, 21, 22}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestStoreAway(t *testing.T) {
	store := &broken{err: errors.New("away")}
	s := uuid.New(store, 2)
	if _, err := s.Next(t.Context()); !errors.Is(err, store.err) {
		t.Errorf("got %v, want the store's error", err)
	}
	store.err = nil
	if n, err := s.Next(t.Context()); n != 1 || err != nil {
		t.Errorf("back again: got %d, %v", n, err)
	}
	store.err = errors.New("away")
	if n, err := s.Next(t.Context()); n != 2 || err != nil {
		t.Errorf("within the segment: got %d, %v, want no question to the store", n, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := s.Next(ctx); err == nil {
		t.Error("got a number from a store that is away")
	}
}

type broken struct {
	uuid.Memory
	err error
}

func (b *broken) Take(ctx context.Context, n int64) (int64, error) {
	if b.err != nil {
		return 0, b.err
	}
	return b.Memory.Take(ctx, n)
}

func BenchmarkNext(b *testing.B) {
	var store uuid.Memory
	s := uuid.New(&store, 0)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := s.Next(b.Context()); err != nil {
			b.Fatal(err)
		}
	}
}
