package nsqtest

import (
	"slices"
	"time"
)

// channel is a queue of a topic whose clients share its messages. Server.mu
// guards it.
type channel struct {
	name     string
	topic    *topic
	clients  []*conn
	turn     int // the client that is asked first
	queue    []*message
	flights  map[messageID]*flight
	deferred []deferred
}

// flight is a message that a client has and has not finished.
type flight struct {
	message *message
	client  *conn
	until   time.Time
}

type deferred struct {
	message *message
	at      time.Time
}

func (c *channel) put(m *message) { c.queue = append(c.queue, m) }

// pump sends what is queued to clients that are ready.
func (c *channel) pump() {
	for len(c.queue) > 0 {
		client := c.ready()
		if client == nil {
			return
		}
		m := c.queue[0]
		c.queue[0] = nil
		c.queue = c.queue[1:]
		m.Attempts++
		client.flying++
		c.flights[m.ID] = &flight{m, client, time.Now().Add(client.timeout)}
		client.send(frameMessage(m))
	}
}

// ready returns the next client that may have one more message, or nil.
func (c *channel) ready() *conn {
	for i := range c.clients {
		client := c.clients[(c.turn+i)%len(c.clients)]
		if client.flying < client.rdy {
			c.turn = (c.turn + i + 1) % len(c.clients)
			return client
		}
	}
	return nil
}

// land takes a message from its client. It reports false where the client does
// not have it.
func (c *channel) land(client *conn, id messageID) (*message, bool) {
	f := c.flights[id]
	if f == nil || f.client != client {
		return nil, false
	}
	delete(c.flights, id)
	client.flying--
	return f.message, true
}

func (c *channel) requeue(m *message, delay time.Duration) {
	if delay > 0 {
		c.deferred = append(c.deferred, deferred{m, time.Now().Add(delay)})
		return
	}
	c.put(m)
}

// expire queues again what took too long and what is due.
func (c *channel) expire(now time.Time) {
	for id, f := range c.flights {
		if now.After(f.until) {
			c.land(f.client, id)
			c.put(f.message)
		}
	}
	c.deferred = slices.DeleteFunc(c.deferred, func(d deferred) bool {
		due := !now.Before(d.at)
		if due {
			c.put(d.message)
		}
		return due
	})
	c.pump()
}

func (c *channel) remove(client *conn) {
	c.clients = slices.DeleteFunc(c.clients, func(x *conn) bool { return x == client })
	var left []*message
	for id, f := range c.flights {
		if f.client == client {
			delete(c.flights, id)
			left = append(left, f.message)
		}
	}
	slices.SortFunc(left, func(a, b *message) int { return slices.Compare(a.ID[:], b.ID[:]) })
	c.queue = append(c.queue, left...)
	c.pump()
}

func (c *channel) empty() {
	c.queue, c.deferred = nil, nil
	for id, f := range c.flights {
		c.land(f.client, id)
	}
}

func (c *channel) closeClients() {
	for _, client := range c.clients {
		_ = client.net.Close() // its reader notices
	}
}
