// Package memory is a cache.Cache within one process. Start from New.
package memory

import (
	"bytes"
	"container/list"
	"context"
	"fmt"
	"sync"
	"time"
)

// Cache is a cache.Cache of bounded size: the entry that was not used for the
// longest time goes first.
type Cache struct {
	limit int

	mu      sync.Mutex
	entries map[string]*list.Element
	used    *list.List // of *entry, the latest in front
}

type entry struct {
	key     string
	value   []byte
	expires time.Time // zero: never
}

// New returns a cache of up to limit entries; limit ≤ 0 is 10,000.
func New(limit int) *Cache {
	if limit <= 0 {
		limit = 10_000
	}
	return &Cache{limit: limit, entries: map[string]*list.Element{}, used: list.New()}
}

// Get implements cache.Cache.
func (c *Cache) Get(_ context.Context, key string) ([]byte, bool, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.entries[key]
	if at == nil {
		return nil, false, nil
	}
	e := at.Value.(*entry)
	if !e.expires.IsZero() && !time.Now().Before(e.expires) {
		c.remove(at)
		return nil, false, nil
	}
	c.used.MoveToFront(at)
	return bytes.Clone(e.value), true, nil
}

// Set implements cache.Cache.
func (c *Cache) Set(_ context.Context, key string, value []byte, ttl time.Duration) error {
	if ttl < 0 {
		return fmt.Errorf("cache %q: negative ttl %v", key, ttl)
	}
	e := &entry{key: key, value: append([]byte{}, value...)}
	if ttl > 0 {
		e.expires = time.Now().Add(ttl)
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if at := c.entries[key]; at != nil {
		c.remove(at)
	}
	c.entries[key] = c.used.PushFront(e)
	if c.used.Len() > c.limit {
		c.remove(c.used.Back())
	}
	return nil
}

// Delete implements cache.Cache.
func (c *Cache) Delete(_ context.Context, keys ...string) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, key := range keys {
		if at := c.entries[key]; at != nil {
			c.remove(at)
		}
	}
	return nil
}

func (c *Cache) remove(at *list.Element) {
	c.used.Remove(at)
	delete(c.entries, at.Value.(*entry).key)
}
