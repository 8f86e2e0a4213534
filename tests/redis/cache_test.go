package redis_test

import (
	"testing"

	"github.com/hawos/hawos/runtime/cache/cachetest"
	cache "github.com/hawos/hawos/runtime/cache/redis"
	"github.com/hawos/hawos/runtime/uuid"
	uuidredis "github.com/hawos/hawos/runtime/uuid/redis"
)

func TestCache(t *testing.T) {
	each(t, func(t *testing.T, addr string) { cachetest.Run(t, cache.New(open(t, addr), "test")) })
}

func TestNumbersGoOnInRedis(t *testing.T) {
	each(t, func(t *testing.T, addr string) {
		last := int64(0)
		for range 3 { // processes
			s := uuid.New(uuidredis.New(open(t, addr), "test", "messages"), 10)
			for range 25 {
				n, err := s.Next(t.Context())
				if err != nil || n <= last {
					t.Fatalf("got %d after %d, %v", n, last, err)
				}
				last = n
			}
		}
		if last != 85 {
			t.Errorf("got %d last, want the fifth number of the ninth segment", last)
		}
	})
}
