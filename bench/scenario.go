package main

import (
	"fmt"
	"time"

	"github.com/hawos/hawos/bench/load"
)

// scenario is one kind of work that several systems do.
type scenario struct {
	Name    string
	Group   string // scenarios of one group are one plot, over X
	X       float64
	Load    load.Options
	Systems []string // in facts' words: L3 is unary gRPC, L5 a raw TCP link
}

// plan returns what is measured in each round.
func plan(quick bool) []scenario {
	d, warmup := 4*time.Second, 1500*time.Millisecond
	all, gateways := []string{"hawos", "unary", "tcp", "echo"}, []string{"hawos", "unary", "tcp"}
	if quick {
		d, warmup, all = 2*time.Second, 700*time.Millisecond, gateways
	}
	closed := func(conns, depth int, burst bool, systems []string) scenario {
		s := scenario{
			Name: fmt.Sprintf("%d connections, %d in flight", conns, depth), Systems: systems,
			Load: load.Options{Conns: conns, InFlight: depth, Burst: burst, Warmup: warmup, Duration: d},
		}
		switch {
		case burst:
			s.Name += ", bursts"
		case depth == 1:
			s.Group, s.X = "connections", float64(conns)
		default:
			s.Group, s.X = "in flight", float64(depth)
		}
		return s
	}
	open := func(rate float64) scenario {
		return scenario{
			Name: fmt.Sprintf("open loop, %.0f/s", rate), Group: "rate", X: rate, Systems: gateways,
			Load: load.Options{Conns: 1000, Rate: rate, Warmup: warmup, Duration: d},
		}
	}
	push := func(conns, pushes int) scenario {
		return scenario{
			Name: fmt.Sprintf("push to %d", conns), Systems: []string{"hawos", "centrifuge"},
			Load: load.Options{Conns: conns, Pushes: pushes},
		}
	}
	if quick {
		return []scenario{closed(1000, 1, false, all), closed(100, 16, false, all), open(2000), push(1000, 50)}
	}
	return []scenario{
		closed(100, 1, false, gateways), closed(1000, 1, false, append(all, "hawos-8")), closed(5000, 1, false, gateways), closed(15000, 1, false, []string{"hawos", "unary"}),
		closed(100, 4, false, gateways), closed(100, 16, false, all), closed(100, 64, false, gateways),
		closed(100, 16, true, all),
		open(500), open(2000), open(8000),
		push(1000, 300), push(10000, 40),
	}
}

// stuckPlan returns what is measured in new processes: one of two logic
// instances stops without ending, alone and with clients that never read.
func stuckPlan() (plan []scenario) {
	for _, deaf := range []int{0, 100} {
		plan = append(plan, scenario{
			Name: fmt.Sprintf("stuck instance, %d clients never read", deaf), Systems: []string{"hawos-2"},
			Load: load.Options{
				Conns: 200, InFlight: 1, Warmup: time.Second, Duration: 4 * time.Second,
				Trouble: &load.Trouble{Deaf: deaf, Packets: 10_000, Duration: 14 * time.Second},
			},
		})
	}
	return plan
}

// idlePlan returns what is measured once, after the rounds: each needs new
// processes and a long wait.
func idlePlan(quick bool) []scenario {
	conns, rest := 10000, 60*time.Second
	if quick {
		conns, rest = 2000, 5*time.Second
	}
	return []scenario{{
		Name: fmt.Sprintf("%d idle", conns), Systems: []string{"hawos", "unary", "centrifuge"},
		Load: load.Options{Conns: conns, Idle: true, Duration: rest},
	}, {
		Name: fmt.Sprintf("%d idle after one request each", conns), Systems: []string{"hawos", "unary"},
		Load: load.Options{Conns: conns, InFlight: 1, Idle: true, Duration: rest},
	}}
}
