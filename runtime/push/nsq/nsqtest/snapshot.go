package nsqtest

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// savedTopic is a topic in the snapshot.
type savedTopic struct {
	Backlog  []*message            `json:"backlog"`
	Channels map[string][]*message `json:"channels"`
}

func (s *Server) snapshot() string { return filepath.Join(s.o.Dir, "nsqtest.json") }

// save writes all that is queued, deferred or in flight, except for ephemeral
// topics and channels.
func (s *Server) save() error {
	s.mu.Lock()
	saved := map[string]savedTopic{}
	for name, t := range s.topics {
		if ephemeral(name) {
			continue
		}
		st := savedTopic{Backlog: t.backlog, Channels: map[string][]*message{}}
		for _, c := range t.channels {
			if !ephemeral(c.name) {
				st.Channels[c.name] = c.all()
			}
		}
		saved[name] = st
	}
	b, err := json.Marshal(saved)
	s.mu.Unlock()
	if err != nil {
		return err
	}
	part := s.snapshot() + ".part"
	if err := os.WriteFile(part, b, 0o644); err != nil {
		return err
	}
	return os.Rename(part, s.snapshot())
}

// load takes up what save wrote. No file is an empty one.
func (s *Server) load() error {
	b, err := os.ReadFile(s.snapshot())
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	var saved map[string]savedTopic
	if err := json.Unmarshal(b, &saved); err != nil {
		return errors.New(s.snapshot() + ": " + err.Error())
	}
	for name, st := range saved {
		t, err := s.topic(name)
		if err != nil {
			return err
		}
		t.backlog = st.Backlog
		for channel, messages := range st.Channels {
			c, err := s.channel(name, channel)
			if err != nil {
				return err
			}
			c.queue = messages
		}
	}
	return nil
}

// all returns every message of the channel, oldest first.
func (c *channel) all() []*message {
	all := slices.Clone(c.queue)
	for _, d := range c.deferred {
		all = append(all, d.message)
	}
	for _, f := range c.flights {
		all = append(all, f.message)
	}
	slices.SortStableFunc(all, func(a, b *message) int { return slices.Compare(a.ID[:], b.ID[:]) })
	return all
}

func ephemeral(name string) bool { return strings.HasSuffix(name, "#ephemeral") }
