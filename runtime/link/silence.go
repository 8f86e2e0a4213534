package link

import "time"

// An instance that owes answers and gives none for a second is silent: stopped,
// swapping, or cut off. gRPC's keepalive ends its link in the end; until then the
// round robin passes it over while others answer, or else it would in turn catch
// every session.
const (
	lookEvery   = 250 * time.Millisecond
	silentLooks = 4
)

// watchSilence marks and unmarks silent links until Close.
func (p *Pool) watchSilence() {
	t := time.NewTicker(lookEvery)
	defer t.Stop()
	for {
		select {
		case <-p.quit:
			return
		case <-t.C:
		}
		for _, c := range p.view.Load().conns {
			c.look()
		}
	}
}

// look is called by watchSilence alone.
func (c *conn) look() {
	c.mu.Lock()
	owed := c.calls.n
	c.mu.Unlock()
	heard := c.heard.Load()
	if owed == 0 || heard != c.heardThen {
		c.heardThen, c.looks = heard, 0
		c.silent.Store(false)
		return
	}
	if c.looks++; c.looks == silentLooks {
		c.silent.Store(true)
		c.pool.metrics.silent.Inc()
		c.pool.o.Log.Warn("instance does not answer; others are preferred", "instance", c.name, "owed", owed)
	}
}

// hear notes that the instance is not silent. The reader calls it.
func (c *conn) hear() {
	c.heard.Add(1)
	if c.silent.Load() {
		c.silent.Store(false)
	}
}
