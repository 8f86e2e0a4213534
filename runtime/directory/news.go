package directory

import (
	"sync"
	"time"
)

const (
	// grace is how long a frontend counts that only the directory knows. The
	// registry tells of a new one within a fraction of a second; pushes that are
	// sent to a dead one meanwhile lie in its topic.
	grace = 5 * time.Second
	// forget is when a dead one that nobody asked for is not remembered any more.
	forget = time.Hour
)

// run is one run of a frontend.
type run struct{ frontend, epoch string }

// news are the runs that the directory told of before the registry did, with the
// time when that was.
type news struct {
	mu   sync.Mutex
	runs map[run]time.Time
}

// fresh reports whether it is less than grace since the run was first asked for.
func (n *news) fresh(r run) bool {
	now := time.Now()
	n.mu.Lock()
	defer n.mu.Unlock()
	first, known := n.runs[r]
	if !known {
		first = now
		n.add(r, now)
	}
	return now.Sub(first) < grace
}

func (n *news) add(r run, now time.Time) {
	if n.runs == nil {
		n.runs = make(map[run]time.Time)
	}
	for old, first := range n.runs {
		if now.Sub(first) > forget {
			delete(n.runs, old)
		}
	}
	n.runs[r] = now
}
