package wsc

import (
	"context"
	"errors"
	"log/slog"
	"sync"

	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/wire"
)

// pushes hands pushes to their handlers, one at a time, in order.
type pushes struct {
	queue chan push

	mu       sync.RWMutex
	raw      []func(id uint32, payload []byte)
	handlers map[uint32][]handler
}

type push struct {
	id      uint32
	payload []byte
}

type handler struct {
	newMessage func() proto.Message
	f          func(proto.Message)
}

func (q *pushes) init(size int) {
	q.queue = make(chan push, size)
	q.handlers = make(map[uint32][]handler)
}

func (q *pushes) on(id uint32, newMessage func() proto.Message, f func(proto.Message)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.handlers[id] = append(q.handlers[id], handler{newMessage: newMessage, f: f})
}

func (q *pushes) onRaw(f func(id uint32, payload []byte)) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.raw = append(q.raw, f)
}

// put waits for room, unless the connection ends.
func (q *pushes) put(id uint32, payload []byte, ended <-chan struct{}) {
	select {
	case q.queue <- push{id: id, payload: payload}:
	case <-ended:
	}
}

// run handles pushes until ctx ends; then those that came before, unless the
// client was closed.
func (q *pushes) run(ctx context.Context, e wire.Encoding, log *slog.Logger) {
	for {
		select {
		case p := <-q.queue:
			q.handle(p, e, log)
		case <-ctx.Done():
			if !errors.Is(context.Cause(ctx), ErrClosed) {
				q.rest(e, log)
			}
			return
		}
	}
}

func (q *pushes) rest(e wire.Encoding, log *slog.Logger) {
	for {
		select {
		case p := <-q.queue:
			q.handle(p, e, log)
		default:
			return
		}
	}
}

func (q *pushes) handle(p push, e wire.Encoding, log *slog.Logger) {
	q.mu.RLock()
	raw, handlers := q.raw, q.handlers[p.id]
	q.mu.RUnlock()
	for _, f := range raw {
		f(p.id, p.payload)
	}
	for _, h := range handlers {
		m := h.newMessage()
		if err := e.Unmarshal(p.payload, m); err != nil {
			log.Error("push does not decode", "id", p.id, "err", err)
			return
		}
		h.f(m)
	}
}
