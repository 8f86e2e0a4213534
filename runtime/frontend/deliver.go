package frontend

import (
	"errors"
	"slices"
	"sync"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/hawos/hawos/runtime/frontend/conn"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/wire"
)

var lists = sync.Pool{New: func() any { return new([]*session) }}

// deliver hands a push of the queue to its receivers. It never waits for one: what
// a receiver's socket does not take stays in its queue.
func (f *Frontend) deliver(e *hawospb.Envelope) {
	_, absent := f.handOut(e)
	f.forward.add(e, absent)
}

// handOut returns to how many sessions the push was handed, and the uids that it
// is for and that are not here.
func (f *Frontend) handOut(e *hawospb.Envelope) (n int, absent []string) {
	pooled := lists.Get().(*[]*session)
	list, absent := f.receivers((*pooled)[:0], e.GetTarget())
	out := outgoing{f: f, e: e}
	taken := list[:0]
	for _, s := range list {
		if m := out.message(s.c.Encoding()); m != nil && s.c.Push(m) {
			taken = append(taken, s)
		}
	}
	n = len(taken)
	f.metrics.deliveries.Add(float64(n))
	f.flusher.flush(taken)
	clear(list)
	*pooled = list[:0]
	lists.Put(pooled)
	return n, absent
}

// receivers appends the sessions that the push is for to list, and returns the
// uids that are not here.
func (f *Frontend) receivers(list []*session, t *hawospb.Target) (_ []*session, absent []string) {
	switch {
	case t.GetEveryone():
		list = f.sessions.loggedIn(list)
	case t.GetGroup() != "":
		list = f.groups.Append(list, t.GetGroup())
	default:
		for _, uid := range t.GetUids() {
			before := len(list)
			list = f.sessions.of(list, uid)
			if !slices.ContainsFunc(list[before:], (*session).live) {
				absent = append(absent, uid) // who closes, or is about to log in, may be at another frontend
			}
		}
	}
	group, except := t.GetGroup() != "", t.GetExcept()
	if group && len(except) == 0 {
		return list, nil
	}
	return slices.DeleteFunc(list, func(s *session) bool {
		return !group && !s.ready.Load() || len(except) > 0 && slices.Contains(except, s.uid())
	}), absent
}

// outgoing is a push on its way out: encoded once per encoding, when the first
// receiver needs it.
type outgoing struct {
	f      *Frontend
	e      *hawospb.Envelope
	made   [2]bool
	frames [2]*conn.Message
}

// message returns nil where the push cannot be encoded.
func (o *outgoing) message(e wire.Encoding) *conn.Message {
	if !o.made[e] {
		o.made[e] = true
		o.frames[e] = o.make(e)
	}
	return o.frames[e]
}

func (o *outgoing) make(e wire.Encoding) *conn.Message {
	p := wire.Packet{ID: o.e.GetId(), Payload: o.e.GetPayload(), Trace: o.e.GetTrace()}
	if e == wire.JSON {
		payload, err := o.f.transcode(p.ID, p.Payload)
		if err != nil {
			o.f.metrics.untranscoded.Inc()
			o.f.log.Debug("encode a push as JSON", "id", p.ID, "err", err)
			return nil
		}
		p.Payload = payload
	}
	class := route.Class(o.e.GetClass())
	if class > route.DropOldest {
		class = route.Reliable
	}
	return conn.NewMessage(e, &p, conn.Delivery{Class: class, Key: o.e.GetKey(), Expires: o.e.GetExpiresAtMs()})
}

// transcode returns the payload as JSON, by the descriptor that the service's
// instances sent.
func (f *Frontend) transcode(id uint32, payload []byte) ([]byte, error) {
	d, ok := f.pushType(id)
	if !ok {
		return nil, errNoPushType
	}
	m := dynamicpb.NewMessage(d)
	if err := proto.Unmarshal(payload, m); err != nil {
		return nil, err
	}
	return wire.JSON.Marshal(nil, m)
}

func (f *Frontend) pushType(id uint32) (protoreflect.MessageDescriptor, bool) {
	if id == wire.IDNotice {
		return (*hawospb.Notice)(nil).ProtoReflect().Descriptor(), true
	}
	return f.pool.PushType(id)
}

var errNoPushType = errors.New("no linked instance pushes this protocol ID")

func expired(e *hawospb.Envelope) bool {
	return e.GetExpiresAtMs() != 0 && time.Now().UnixMilli() > e.GetExpiresAtMs()
}
