package selector

import (
	"fmt"
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/hawos/hawos/runtime/route"
)

// loggedConflicts bounds the lines per table: a whole service deployed under two
// names claims all of its IDs twice.
const loggedConflicts = 20

// conflicts reports refused claims, each once while it lasts, and counts.
type conflicts struct {
	log       *slog.Logger
	now, last map[claim]bool
	logged    int // in this table

	refused   prometheus.Counter
	current   prometheus.Gauge
	swaps     prometheus.Counter
	ids       prometheus.Gauge
	instances prometheus.Gauge
}

// claim is one service's refused claim.
type claim struct {
	id          uint32
	app, method string
}

func newConflicts(o Options) (*conflicts, error) {
	c := &conflicts{
		log:       o.Log,
		refused:   prometheus.NewCounter(prometheus.CounterOpts{Name: "hawos_route_conflicts_total", Help: "Claims of a protocol ID that another service, or another method, had already."}),
		current:   prometheus.NewGauge(prometheus.GaugeOpts{Name: "hawos_route_conflicts", Help: "Claims of a protocol ID that are refused now."}),
		swaps:     prometheus.NewCounter(prometheus.CounterOpts{Name: "hawos_route_tables_total", Help: "Routing tables put in place."}),
		ids:       prometheus.NewGauge(prometheus.GaugeOpts{Name: "hawos_route_ids", Help: "Protocol IDs in the routing table."}),
		instances: prometheus.NewGauge(prometheus.GaugeOpts{Name: "hawos_route_instances", Help: "Instances in the routing table."}),
	}
	if o.Metrics == nil {
		return c, nil
	}
	for _, m := range []prometheus.Collector{c.refused, c.current, c.swaps, c.ids, c.instances} {
		if err := o.Metrics.Register(m); err != nil {
			return nil, fmt.Errorf("metrics of the routing table: %w", err)
		}
	}
	return c, nil
}

func (c *conflicts) begin() {
	c.last, c.now, c.logged = c.now, map[claim]bool{}, 0
}

// refuse notes that the holder keeps its ID.
func (c *conflicts) refuse(holder, refused route.Entry) {
	k := claim{refused.ID, refused.App, refused.Method}
	if c.now[k] {
		return
	}
	c.now[k] = true
	if c.last[k] {
		return
	}
	c.refused.Inc()
	if c.logged++; c.logged > loggedConflicts {
		return
	}
	c.log.Error("protocol ID is claimed twice; the earlier service keeps it", "id", refused.ID,
		"kept", holder.App+" "+holder.Method, "refused", refused.App+" "+refused.Method)
}

func (c *conflicts) end() {
	c.current.Set(float64(len(c.now)))
	if more := c.logged - loggedConflicts; more > 0 {
		c.log.Error("more protocol IDs are claimed twice", "count", more)
	}
}

func (c *conflicts) swapped(t *Table) {
	c.swaps.Inc()
	c.ids.Set(float64(len(t.routes)))
	c.instances.Set(float64(len(t.instances)))
}
