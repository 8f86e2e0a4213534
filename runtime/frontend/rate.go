package frontend

import (
	"time"

	"github.com/hawos/hawos/runtime/route"
)

// bucket holds what a session may still send of one rpc. Sessions have buckets
// only for the rpcs with a rate that they called.
type bucket struct {
	id   uint32
	left float64
	at   time.Time
}

// limit takes one request out of the bucket of the rpc. It returns 0, or how long
// it takes until there is one again.
func (s *session) limit(id uint32, r route.Rate, now time.Time) time.Duration {
	if r.N == 0 || r.Per <= 0 {
		return 0
	}
	b := s.bucket(id, r, now)
	perRequest := float64(r.Per) / float64(r.N)
	b.left = min(float64(r.N), b.left+float64(now.Sub(b.at))/perRequest)
	b.at = now
	if b.left < 1 {
		return max(time.Millisecond, time.Duration((1-b.left)*perRequest))
	}
	b.left--
	return 0
}

func (s *session) bucket(id uint32, r route.Rate, now time.Time) *bucket {
	for i := range s.rates {
		if s.rates[i].id == id {
			return &s.rates[i]
		}
	}
	s.rates = append(s.rates, bucket{id: id, left: float64(r.N), at: now})
	return &s.rates[len(s.rates)-1]
}
