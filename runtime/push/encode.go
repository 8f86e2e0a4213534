package push

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/hawospb"
)

// Field numbers of hawos.Envelopes and hawos.Envelope.
const (
	fieldEnvelopes protowire.Number = 1
	fieldSeq       protowire.Number = 3
	fieldTarget    protowire.Number = 5
	fieldSkipped   protowire.Number = 12
)

// send is one Send on its way.
type send struct {
	to   Target
	body []byte // the envelope without target, seq and skipped
	cost int64  // what it takes of the producer's room, in bytes

	abandoned atomic.Bool // its caller has gone; it need not be published any more

	mu   sync.Mutex
	left int // topics that have not acknowledged yet
	err  error
	done chan struct{}
}

func (p *Producer) encode(ctx context.Context, m Message) (*send, error) {
	to, err := m.To.clean()
	if err != nil {
		return nil, err
	}
	if m.Payload == nil || m.ID == 0 {
		return nil, errors.New("message has no payload or no protocol ID")
	}
	payload, err := proto.Marshal(m.Payload)
	if err != nil {
		return nil, err
	}
	e := hawospb.Envelope{
		Producer: p.o.Instance,
		Epoch:    p.o.Epoch,
		Id:       m.ID,
		Payload:  payload,
		Class:    hawospb.Delivery_Class(m.Class),
		Key:      m.Key,
	}
	if m.TTL > 0 {
		e.ExpiresAtMs = time.Now().Add(m.TTL).UnixMilli()
	}
	if p.o.Trace != nil {
		e.Trace = p.o.Trace(ctx)
	}
	body, err := proto.Marshal(&e)
	if err != nil {
		return nil, err
	}
	s := &send{to: to, body: body, done: make(chan struct{})}
	s.cost = int64(envelopesSize(len(body), to.size()))
	if s.cost > int64(p.o.MaxBytes) {
		return nil, fmt.Errorf("%d bytes with its target, at most %d: %w", s.cost, p.o.MaxBytes, ErrTooLarge)
	}
	return s, nil
}

// settle counts one topic's answer; the last one ends the Send.
func (s *send) settle(p *Producer, err error) {
	s.mu.Lock()
	s.err = errors.Join(s.err, err)
	s.left--
	last := s.left <= 0
	s.mu.Unlock()
	if last {
		p.room.Release(s.cost)
		close(s.done)
	}
}

// envelopesSize is the most that an envelope takes in a message of the queue.
func envelopesSize(body, target int) int { return body + target + 48 }

// appendEnvelope appends one element of hawos.Envelopes to b.
func appendEnvelope(b []byte, seq, skipped uint64, target, body []byte) []byte {
	n := protowire.SizeTag(fieldSeq) + protowire.SizeVarint(seq) + len(target) + len(body)
	if skipped > 0 {
		n += protowire.SizeTag(fieldSkipped) + protowire.SizeVarint(skipped)
	}
	b = protowire.AppendTag(b, fieldEnvelopes, protowire.BytesType)
	b = protowire.AppendVarint(b, uint64(n))
	b = protowire.AppendTag(b, fieldSeq, protowire.VarintType)
	b = protowire.AppendVarint(b, seq)
	if skipped > 0 {
		b = protowire.AppendTag(b, fieldSkipped, protowire.VarintType)
		b = protowire.AppendVarint(b, skipped)
	}
	b = append(b, target...)
	return append(b, body...)
}
