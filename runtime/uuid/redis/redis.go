// Package redis is a uuid.Store in Redis: one counter per sequence, which is as
// durable as the server is. Start from New.
package redis

import (
	"context"
	"fmt"

	"github.com/hawos/hawos/runtime/db/redis"
)

// Store is a uuid.Store.
type Store struct {
	client *redis.Client
	key    string
}

// New returns the store of the named sequence in a namespace, such as
// config.Config's. The client stays the caller's to close.
func New(client *redis.Client, namespace, name string) *Store {
	return &Store{client: client, key: "hawos:" + namespace + ":uuid:" + name}
}

// Take implements uuid.Store.
func (s *Store) Take(ctx context.Context, n int64) (int64, error) {
	end, err := s.client.IncrBy(ctx, s.key, n).Result()
	if err != nil {
		return 0, fmt.Errorf("take %d numbers of %s: %w", n, s.key, err)
	}
	return end - n + 1, nil
}
