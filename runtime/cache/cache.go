// Package cache keeps values for a while. It is an interface with the drivers
// cache/redis, shared by processes, and cache/memory, within one; a Loader fills
// a cache from where the values come from. What a cache holds may go at any
// time: it is no store.
package cache

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/hawos/hawos/runtime/recovery"
)

// Cache holds values by key. All methods may be called concurrently.
type Cache interface {
	// Get returns the value, which is the caller's, or false where there is none.
	Get(ctx context.Context, key string) (value []byte, ok bool, err error)
	// Set keeps the value for ttl, at least 1 ms; 0 is as long as there is room.
	// The cache does not keep the slice.
	Set(ctx context.Context, key string, value []byte, ttl time.Duration) error
	// Delete removes the keys; those that are not there do no harm.
	Delete(ctx context.Context, keys ...string) error
}

// Loader is a cache that fetches what it lacks, once for all who ask at the same
// time. It may be used concurrently.
type Loader struct {
	cache   Cache
	flights singleflight.Group
}

// NewLoader returns a loader over the cache, which stays the caller's.
func NewLoader(c Cache) *Loader { return &Loader{cache: c} }

// GetOrLoad returns the value of key, or what load returns, which is then kept
// for ttl. Of callers that ask at once, one loads, with its context; the others
// wait, each as long as its own context lasts, and must not change the slice
// that they share. Errors of load are returned and not kept, a panic of it as a
// *recovery.Panic. A cache that fails is passed over.
func (l *Loader) GetOrLoad(ctx context.Context, key string, ttl time.Duration, load func(context.Context) ([]byte, error)) ([]byte, error) {
	for {
		flight := l.flights.DoChan(key, func() (any, error) { return l.fetch(ctx, key, ttl, load) })
		select {
		case r := <-flight:
			if r.Err == nil {
				return r.Val.([]byte), nil
			}
			if errors.As(r.Err, new(leftError)) && ctx.Err() == nil {
				continue // the loading caller has gone; this one has not
			}
			return nil, r.Err
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (l *Loader) fetch(ctx context.Context, key string, ttl time.Duration, load func(context.Context) ([]byte, error)) ([]byte, error) {
	if v, ok, err := l.cache.Get(ctx, key); err == nil && ok {
		return v, nil
	}
	var v []byte
	err := recovery.Do(func() (err error) { v, err = load(ctx); return err }) // a flight has a goroutine of its own
	switch {
	case err != nil && ctx.Err() != nil:
		return nil, leftError{err}
	case err != nil:
		return nil, err
	}
	_ = l.cache.Set(ctx, key, v, ttl) // without it the next caller loads again
	return v, nil
}

// leftError is that of a load whose caller has gone.
type leftError struct{ error }

// Unwrap returns the error of the load.
func (e leftError) Unwrap() error { return e.error }
