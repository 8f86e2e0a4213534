package nsqtest

import (
	"errors"
	"fmt"
	"regexp"
	"time"
)

// messageID is how nsqd names a message, in hexadecimal digits.
type messageID [16]byte

// message is one message in one channel, or in a topic without channels.
type message struct {
	ID       messageID
	Time     int64 // ns since 1970
	Attempts uint16
	Body     []byte
}

// topic copies its messages into each channel; it keeps them while it has none.
type topic struct {
	name     string
	channels map[string]*channel
	backlog  []*message
	count    uint64 // messages ever published
}

// validName matches NSQ's rule for names of topics and channels.
var validName = regexp.MustCompile(`^[.a-zA-Z0-9_-]{1,64}(#ephemeral)?$`)

var errName = errors.New("invalid name")

// topic returns the topic, which is made where there is none. s.mu is held.
func (s *Server) topic(name string) (*topic, error) {
	if !validName.MatchString(name) || len(name) > 64 {
		return nil, fmt.Errorf("topic %q: %w", name, errName)
	}
	t := s.topics[name]
	if t == nil {
		t = &topic{name: name, channels: map[string]*channel{}}
		s.topics[name] = t
	}
	return t, nil
}

// channel returns the channel, likewise; the first one gets the backlog.
func (s *Server) channel(topicName, name string) (*channel, error) {
	t, err := s.topic(topicName)
	if err != nil {
		return nil, err
	}
	if !validName.MatchString(name) || len(name) > 64 {
		return nil, fmt.Errorf("channel %q: %w", name, errName)
	}
	c := t.channels[name]
	if c == nil {
		c = &channel{name: name, topic: t, flights: map[messageID]*flight{}}
		t.channels[name] = c
		for _, m := range t.backlog {
			c.put(m)
		}
		t.backlog = nil
	}
	return c, nil
}

// publish puts the bodies into all channels, in order, after the delay.
func (s *Server) publish(topicName string, delay time.Duration, bodies ...[]byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.topic(topicName)
	if err != nil {
		return err
	}
	now := time.Now()
	for _, body := range bodies {
		s.lastID++
		m := message{Time: now.UnixNano(), Body: body}
		copy(m.ID[:], fmt.Sprintf("%016x", s.lastID))
		t.count++
		if len(t.channels) == 0 {
			t.backlog = append(t.backlog, &m)
		}
		for _, c := range t.channels {
			own := m
			if delay > 0 {
				c.deferred = append(c.deferred, deferred{&own, now.Add(delay)})
			} else {
				c.put(&own)
			}
		}
	}
	for _, c := range t.channels {
		c.pump()
	}
	return nil
}

func (s *Server) deleteTopic(name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.topics[name]
	if t == nil {
		return false
	}
	for _, c := range t.channels {
		c.closeClients()
	}
	delete(s.topics, name)
	return true
}

func (s *Server) deleteChannel(topicName, name string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	t := s.topics[topicName]
	if t == nil || t.channels[name] == nil {
		return false
	}
	t.channels[name].closeClients()
	delete(t.channels, name)
	return true
}

// leave takes a client from its channel; what it had not finished is queued
// again, at the end, as nsqd does.
func (s *Server) leave(c *conn) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.conns, c)
	if c.channel == nil {
		return
	}
	ch := c.channel
	ch.remove(c)
	if ephemeral(ch.name) && len(ch.clients) == 0 {
		delete(ch.topic.channels, ch.name)
	}
}
