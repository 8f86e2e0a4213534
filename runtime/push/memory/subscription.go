package memory

import (
	"context"
	"slices"
	"sync"
)

type subscription struct {
	broker  *Broker
	inboxes map[string]*inbox // by topic
	readers sync.WaitGroup
}

// Close implements push.Subscription. It drops what waits.
func (s *subscription) Close(context.Context, bool) error {
	s.broker.mu.Lock()
	open := s.broker.subs[s]
	delete(s.broker.subs, s)
	if open {
		for name, in := range s.inboxes {
			t := s.broker.topics[name]
			t.inboxes = slices.DeleteFunc(t.inboxes, func(x *inbox) bool { return x == in })
			close(in.gone)
		}
	}
	s.broker.mu.Unlock()
	s.readers.Wait()
	return nil
}

// inbox is what one subscription still has to hear of one topic.
type inbox struct {
	messages chan []byte
	gone     chan struct{} // closed with the subscription
}

func (in *inbox) put(ctx context.Context, m []byte) error {
	select {
	case in.messages <- append([]byte(nil), m...):
	case <-in.gone:
	case <-ctx.Done():
		return ctx.Err()
	}
	return nil
}

func (in *inbox) read(topic string, f func(string, []byte)) {
	for {
		select {
		case <-in.gone:
			return
		default:
		}
		select {
		case m := <-in.messages:
			f(topic, m)
		case <-in.gone:
			return
		}
	}
}
