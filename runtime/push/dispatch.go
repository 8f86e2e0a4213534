package push

import (
	"context"
	"fmt"
	"sync"
)

// dispatch finds the receivers of all accepted Sends, in their order, until
// there are none left.
func (p *Producer) dispatch(ctx context.Context) {
	for {
		p.mu.Lock()
		batch := p.accepted
		p.accepted = nil
		p.dispatching = len(batch) > 0
		p.mu.Unlock()
		if len(batch) == 0 {
			return
		}
		found := p.lookup(ctx, batch)
		for _, s := range batch {
			p.route(s, found)
		}
	}
}

// receivers says which frontends have receivers of what a batch targets.
type receivers struct {
	groups, uids       map[string][]string
	groupsErr, uidsErr error
}

// lookup asks for all groups and uids of the batch, both at once.
func (p *Producer) lookup(ctx context.Context, batch []*send) receivers {
	var groups, uids names
	for _, s := range batch {
		if s.to.group != "" {
			groups.add(s.to.group)
		}
		for _, uid := range s.to.uids {
			uids.add(uid)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, p.o.Timeout)
	defer cancel()
	var r receivers
	var wait sync.WaitGroup
	if len(uids.list) > 0 && len(groups.list) > 0 {
		wait.Go(func() { r.uids, r.uidsErr = uids.resolve(ctx, p.o.Interest.UIDs) })
	} else if len(uids.list) > 0 {
		r.uids, r.uidsErr = uids.resolve(ctx, p.o.Interest.UIDs)
	}
	if len(groups.list) > 0 {
		r.groups, r.groupsErr = groups.resolve(ctx, p.o.Interest.Groups)
	}
	wait.Wait()
	return r
}

// names is a list without doubles.
type names struct {
	list []string
	seen map[string]bool
}

func (n *names) add(name string) {
	if n.seen == nil {
		n.seen = map[string]bool{}
	}
	if !n.seen[name] {
		n.seen[name] = true
		n.list = append(n.list, name)
	}
}

func (n *names) resolve(ctx context.Context, ask func(context.Context, []string) ([][]string, error)) (map[string][]string, error) {
	lists, err := ask(ctx, n.list)
	if err != nil {
		return nil, fmt.Errorf("look up receivers: %w", err)
	}
	if len(lists) != len(n.list) {
		return nil, fmt.Errorf("look up receivers: %d answers to %d questions", len(lists), len(n.list))
	}
	found := make(map[string][]string, len(lists))
	for i, name := range n.list {
		found[name] = lists[i]
	}
	return found, nil
}

// route puts s into the outboxes of all frontends that have receivers.
func (p *Producer) route(s *send, found receivers) {
	switch {
	case s.abandoned.Load():
		s.left = 1
		s.settle(p, context.Canceled)
	case s.to.everyone:
		p.enqueue(s, map[string][]byte{p.topicAll: s.to.encode()})
	case s.to.group != "" && found.groupsErr == nil:
		p.routeGroup(s, found.groups[s.to.group])
	case s.to.group == "" && found.uidsErr == nil:
		p.routeUIDs(s, found.uids)
	default:
		s.left = 1
		if s.to.group != "" {
			s.settle(p, found.groupsErr)
		} else {
			s.settle(p, found.uidsErr)
		}
	}
}

func (p *Producer) routeGroup(s *send, frontends []string) {
	targets := make(map[string][]byte, len(frontends))
	target := s.to.encode()
	for _, f := range frontends {
		targets[Topic(p.o.Namespace, f)] = target
	}
	p.enqueue(s, targets)
}

// routeUIDs tells each frontend of its own uids only: it would forward others.
func (p *Producer) routeUIDs(s *send, found map[string][]string) {
	perTopic := map[string][]string{}
	for _, uid := range s.to.uids {
		frontends := found[uid]
		if len(frontends) == 0 {
			p.metrics.offline.Inc()
		}
		for _, f := range frontends {
			topic := Topic(p.o.Namespace, f)
			perTopic[topic] = append(perTopic[topic], uid)
		}
	}
	targets := make(map[string][]byte, len(perTopic))
	for topic, uids := range perTopic {
		targets[topic] = Target{uids: uids}.encode()
	}
	p.enqueue(s, targets)
}

// enqueue gives s to the outbox of each topic.
func (p *Producer) enqueue(s *send, targets map[string][]byte) {
	s.left = len(targets) // before the first outbox may settle it
	if s.left == 0 {
		s.settle(p, nil)
		return
	}
	for topic, target := range targets {
		o := p.outboxes[topic]
		if o == nil {
			o = &outbox{producer: p, topic: topic}
			p.outboxes[topic] = o
		}
		o.add(parcel{send: s, target: target})
	}
}
