package load

import (
	"errors"
	"fmt"
	"time"
)

// Options say what crowd is wanted.
type Options struct {
	Config   string        // URL of the config service
	IDs      []string      // groups of clients
	Count    int           // clients per group, ≥ 1
	Rate     float64       // messages of a client per second; 0: as Plan finds fit
	Duration time.Duration // how long they talk, > 0
	Room     string        // one room for all; empty: rooms of RoomSize per group
	RoomSize int           // clients per room where Room is empty; 0: 20
	Progress func(string)  // takes a line per second; nil: nobody looks
}

const (
	// maxDeliveries is how many deliveries per second a rate that nobody chose
	// may cause. Two CPUs carry it together with everything else.
	maxDeliveries = 10_000
	maxRate       = 2 // messages of a client per second, where nobody chose
)

// Plan is who talks where and how fast.
type Plan struct {
	Options
	Members []Member
}

// Member is one client of the crowd.
type Member struct {
	UID  string
	Room string
}

// NewPlan completes the options.
func NewPlan(o Options) (Plan, error) {
	if o.RoomSize == 0 {
		o.RoomSize = 20
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	switch {
	case len(o.IDs) == 0:
		return Plan{}, errors.New("no ids: who should talk?")
	case o.Count < 1 || o.RoomSize < 1:
		return Plan{}, errors.New("counts must be ≥ 1")
	case o.Rate < 0 || o.Rate > 50:
		return Plan{}, errors.New("rate must be 0 to 50, which is where the schema limits Send")
	case o.Duration <= 0:
		return Plan{}, errors.New("duration must be > 0")
	}
	p := Plan{Options: o}
	sizes := make(map[string]int)
	for _, id := range o.IDs {
		for n := range o.Count {
			m := Member{UID: fmt.Sprintf("u%s-%d", id, n+1), Room: o.Room}
			if m.Room == "" {
				m.Room = fmt.Sprintf("load-%s-%d", id, n/o.RoomSize+1)
			}
			sizes[m.Room]++
			p.Members = append(p.Members, m)
		}
	}
	if p.Rate == 0 {
		perMessage := 0 // deliveries, when each client sends one message
		for _, n := range sizes {
			perMessage += n * n
		}
		p.Rate = min(maxRate, float64(maxDeliveries)/float64(perMessage))
	}
	return p, nil
}

// every is the time between two messages of a client.
func (p Plan) every() time.Duration { return time.Duration(float64(time.Second) / p.Rate) }
