package breaking

import (
	"cmp"
	"fmt"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/hawosgen/schema"
	"github.com/hawos/hawos/hawosgen/schema/lock"
	"github.com/hawos/hawos/runtime/route"
)

// use is what a protocol ID stands for.
type use struct {
	id     uint32
	kind   lock.Kind
	desc   protoreflect.Descriptor // of the rpc or the pushed message
	pos    schema.Pos              // of the option that gives the ID
	method *schema.Method          // of an rpc
	push   *schema.Push            // of a push
}

// usesOf returns what the IDs of a schema stand for, by ID.
func usesOf(s *schema.Schema) []use {
	var out []use
	for _, svc := range s.Services {
		for _, m := range svc.Methods {
			if m.ID != 0 {
				out = append(out, use{id: m.ID, kind: lock.RPC, desc: m.Desc, pos: m.IDPos, method: m})
			}
		}
	}
	for _, p := range s.Pushes {
		out = append(out, use{id: p.ID, kind: lock.Push, desc: p.Desc, pos: p.IDPos, push: p})
	}
	slices.SortFunc(out, func(a, b use) int { return cmp.Compare(a.id, b.id) })
	return out
}

// String returns "the rpc chat.v1.Chat.Send".
func (u use) String() string { return fmt.Sprintf("the %s %s", u.kind, u.desc.FullName()) }

// fingerprint stands for what the ID is on the wire.
func (u use) fingerprint() [2]string {
	if u.push != nil {
		return [2]string{lock.Fingerprint(u.push.Desc)}
	}
	return [2]string{lock.Fingerprint(u.method.Desc.Input()), lock.Fingerprint(u.method.Desc.Output())}
}

// ids compares what protocol IDs stand for.
func (c *comparison) ids() {
	byID, byName := map[uint32]use{}, map[protoreflect.FullName]use{}
	for _, u := range usesOf(c.new) {
		byID[u.id], byName[u.desc.FullName()] = u, u
	}
	wasByName := map[protoreflect.FullName]use{}
	for _, u := range usesOf(c.old) {
		wasByName[u.desc.FullName()] = u
	}
	for _, was := range usesOf(c.old) {
		now, used := byID[was.id]
		moved, stays := byName[was.desc.FullName()]
		switch {
		case used && now.kind == was.kind && now.desc.FullName() == was.desc.FullName():
			c.sameID(was, now)
		case stays && used && wasByName[now.desc.FullName()].id == moved.id:
			if was.id < moved.id { // once for the two
				c.findAt(idExchanged, moved.pos, fmt.Sprintf("%s and %s exchanged their protocol IDs %d and %d", moved, now, was.id, moved.id),
					fmt.Sprintf("give %s its %d back", moved.desc.FullName(), was.id), was.pos)
			}
		case stays && moved.kind == was.kind:
			c.findAt(idChanged, moved.pos, fmt.Sprintf("%s has the protocol ID %d, and had %d", moved, moved.id, was.id),
				fmt.Sprintf("give it its %d back", was.id), was.pos)
		case !used:
			c.gone(was)
		case now.kind != was.kind || now.fingerprint() != was.fingerprint():
			c.findAt(idReused, now.pos, fmt.Sprintf("protocol ID %d is %s, and was %s", was.id, now, was),
				fmt.Sprintf("give it another ID; %s", c.new.FreeNear(was.id)), was.pos)
		default: // a new name, which clients do not send
			c.sameID(was, now)
		}
	}
}

// gone finds that an ID means nothing any more.
func (c *comparison) gone(was use) {
	pos, remedy := c.home(was.desc), "keep it until no client uses it"
	if now := c.new.Find(was.desc.FullName()); now != nil {
		pos = c.new.Place(now)
		remedy = fmt.Sprintf("give it its protocol ID %d back", was.id)
	}
	c.findAt(idRemoved, pos, fmt.Sprintf("protocol ID %d is gone: it was %s", was.id, was), remedy, was.pos)
}

// sameID compares what an ID goes on to stand for.
func (c *comparison) sameID(was, now use) {
	if was.push != nil {
		c.payload(pushType, fmt.Sprintf("push %d", was.id), was.push.Desc, now.push.Desc, now.pos, true)
		if was.push.Delivery.Class == route.Reliable && now.push.Delivery.Class != route.Reliable {
			c.findAt(pushDelivery, now.pos, fmt.Sprintf("push %s was reliable, and may be dropped now when a client is slow", now.desc.FullName()),
				"check that clients can miss one", was.pos)
		}
		return
	}
	c.payloads(was.method, now.method, true)
	if was.method.Options.LoginOptional && !now.method.Options.LoginOptional {
		c.findAt(loginRequired, now.pos, fmt.Sprintf("%s requires a login, and did not", now.desc.FullName()),
			"keep login: OPTIONAL, and check the session in the handler", was.pos)
	}
}

// The fields of an rpc's descriptor that name its messages.
const (
	inputTag  = 2
	outputTag = 3
)

// payloads compares the messages of an rpc.
func (c *comparison) payloads(was, now *schema.Method, client bool) {
	name := "rpc " + string(now.Desc.FullName())
	c.payload(requestType, "the request of "+name, was.Desc.Input(), now.Desc.Input(), c.new.Place(now.Desc, inputTag), client)
	c.payload(replyType, "the reply of "+name, was.Desc.Output(), now.Desc.Output(), c.new.Place(now.Desc, outputTag), client)
}

// payload compares a message that has one use. Where it is another one now, the
// finding is that; what differs between the two is told by its kind alone.
func (c *comparison) payload(rule, what string, was, now protoreflect.MessageDescriptor, pos schema.Pos, client bool) {
	if was.FullName() == now.FullName() {
		c.message(was, now, client)
		return
	}
	trial := &comparison{old: c.old, new: c.new, rules: c.rules, place: c.place, seen: map[pair]bool{}}
	trial.message(was, now, client)
	for _, f := range trial.found {
		if !f.Warning {
			c.find(rule, pos, fmt.Sprintf("%s is %s, and was %s, whose fields differ [%s: %s]", what, now.FullName(), was.FullName(), f.Rule, f.Text),
				"give the new message a new protocol ID", was)
			return
		}
	}
	c.found = append(c.found, trial.found...)
}
