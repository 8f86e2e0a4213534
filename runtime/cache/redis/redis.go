// Package redis is a cache.Cache in Redis. Start from New.
package redis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	db "github.com/hawos/hawos/runtime/db/redis"
)

// Cache is a cache.Cache whose keys begin with hawos:<namespace>:cache:.
type Cache struct {
	client *db.Client
	prefix string
}

// New returns a cache in the namespace. The client stays the caller's to close.
func New(client *db.Client, namespace string) *Cache {
	return &Cache{client: client, prefix: "hawos:" + namespace + ":cache:"}
}

// Get implements cache.Cache.
func (c *Cache) Get(ctx context.Context, key string) ([]byte, bool, error) {
	v, err := c.client.Get(ctx, c.prefix+key).Bytes()
	if errors.Is(err, redis.Nil) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("cache get %q: %w", key, err)
	}
	return v, true, nil
}

// Set implements cache.Cache.
func (c *Cache) Set(ctx context.Context, key string, value []byte, ttl time.Duration) error {
	if ttl < 0 {
		return fmt.Errorf("cache %q: negative ttl %v", key, ttl)
	}
	if err := c.client.Set(ctx, c.prefix+key, value, ttl).Err(); err != nil {
		return fmt.Errorf("cache set %q: %w", key, err)
	}
	return nil
}

// Delete implements cache.Cache.
func (c *Cache) Delete(ctx context.Context, keys ...string) error {
	if len(keys) == 0 {
		return nil
	}
	prefixed := make([]string, len(keys))
	for i, key := range keys {
		prefixed[i] = c.prefix + key
	}
	if err := c.client.Del(ctx, prefixed...).Err(); err != nil {
		return fmt.Errorf("cache delete %d keys: %w", len(keys), err)
	}
	return nil
}
