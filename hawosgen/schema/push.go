package schema

import (
	"cmp"
	"fmt"
	"slices"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/route"
)

// pushes takes in the messages that the server pushes, and gives them to the
// services that announce them.
func (c *checker) pushes() {
	requests := map[protoreflect.FullName]*Method{}
	for _, s := range c.schema.Services {
		for _, m := range s.Methods {
			if name := m.Desc.Input().FullName(); requests[name] == nil {
				requests[name] = m
			}
		}
	}
	for _, f := range c.owned() {
		everyMessage(f.Desc, func(d protoreflect.MessageDescriptor) { c.push(f, d, requests) })
	}
	slices.SortStableFunc(c.schema.Pushes, func(a, b *Push) int { return cmp.Compare(a.ID, b.ID) })
	for _, p := range c.schema.Pushes {
		c.announce(p)
	}
}

// everyMessage calls f for the messages of a file, nested ones included.
func everyMessage(in interface {
	Messages() protoreflect.MessageDescriptors
}, f func(protoreflect.MessageDescriptor)) {
	for i := range in.Messages().Len() {
		d := in.Messages().Get(i)
		f(d)
		everyMessage(d, f)
	}
}

// push takes in one message, if it is pushed.
func (c *checker) push(f *File, d protoreflect.MessageDescriptor, requests map[protoreflect.FullName]*Method) {
	o := options[descriptorpb.MessageOptions](d)
	if !proto.HasExtension(o, hawospb.E_PushId) {
		if proto.HasExtension(o, hawospb.E_Delivery) {
			c.fault(c.src.option(d, optionDelivery), fmt.Sprintf("%s has a delivery but no push_id, so it is not pushed", d.FullName()),
				"add option (hawos.push_id) = …, or remove the delivery")
		}
		return
	}
	p := &Push{File: f, Desc: d, Doc: docOf(d), Pos: c.src.name(d), IDPos: c.src.option(d, optionPushID)}
	p.ID = proto.GetExtension(o, hawospb.E_PushId).(uint32)
	if m := requests[d.FullName()]; m != nil {
		c.fault(p.IDPos, fmt.Sprintf("%s is the request of %s, and what clients send is not pushed to them", d.FullName(), m.Desc.FullName()),
			"push a message of its own", Note{Text: "requested here", Pos: m.Pos})
	}
	if proto.HasExtension(o, hawospb.E_Delivery) {
		c.delivery(p, proto.GetExtension(o, hawospb.E_Delivery).(*hawospb.Delivery))
	}
	c.schema.Pushes = append(c.schema.Pushes, p)
}

// delivery reads the options of a push's delivery.
func (c *checker) delivery(p *Push, o *hawospb.Delivery) {
	at := func(field protoreflect.FieldNumber) Pos { return c.src.option(p.Desc, optionDelivery, field) }
	p.Delivery.Class = route.Class(o.GetClass())
	var ok bool
	if text := o.GetTtl(); text != "" {
		if p.Delivery.TTL, ok = duration(text); !ok {
			c.fault(at(deliveryTTL), fmt.Sprintf("ttl %q is no positive duration of 1ms or more", text), `write "30s" or "5m"`)
		}
	}
	if o.GetKey() == "" {
		return
	}
	if o.GetClass() != hawospb.Delivery_LATEST {
		c.fault(at(deliveryKey), fmt.Sprintf("key %q says what class LATEST keeps one push of, but the class is %s", o.GetKey(), o.GetClass()),
			"add class: LATEST, or remove the key")
		return
	}
	var why string
	if p.Delivery.Key, why = orderKey(p.Desc, o.GetKey()); why != "" {
		c.fault(at(deliveryKey), why, keyable(p.Desc))
	}
}

// announce finds the services that announce p, and claims its ID for their apps.
func (c *checker) announce(p *Push) {
	services, near := c.announcers(p)
	id := claim{id: p.ID, name: p.Desc.FullName(), pos: p.IDPos}
	for _, s := range services {
		s.Pushes = append(s.Pushes, p)
		if near {
			id.ranges = append(id.ranges, c.rangesOfApp(s.App)...)
		}
	}
	c.schema.ids.claim(id)
	if len(services) == 0 {
		c.warn(p.IDPos, fmt.Sprintf("no service announces %s, so JSON clients cannot receive it", p.Desc.FullName()),
			"import its file where the service that pushes it is declared")
		return
	}
	p.App = services[0].App
}

// announcers returns the first service of each app in the push's file, else in
// its package, else among the files that import it; those are not near, and
// their ranges do not bind it.
func (c *checker) announcers(p *Push) (services []*Service, near bool) {
	levels := []func(*Service) bool{
		func(s *Service) bool { return s.File == p.File },
		func(s *Service) bool { return s.File.Desc.Package() == p.File.Desc.Package() },
		func(s *Service) bool { return imports(s.File.Desc, p.File.Path) },
	}
	for i, is := range levels {
		for _, s := range c.schema.Services {
			if is(s) && !slices.ContainsFunc(services, func(o *Service) bool { return o.App == s.App }) {
				services = append(services, s)
			}
		}
		if len(services) > 0 {
			return services, i < len(levels)-1
		}
	}
	return nil, false
}

// imports reports whether f imports the file of the given path itself.
func imports(f protoreflect.FileDescriptor, path string) bool {
	for i := range f.Imports().Len() {
		if f.Imports().Get(i).Path() == path {
			return true
		}
	}
	return false
}

// rangesOfApp returns where the protocol IDs of an app's services lie; those
// that have neither a range nor an ID do not count.
func (c *checker) rangesOfApp(app string) []Range {
	var out []Range
	for _, s := range c.schema.Services {
		switch {
		case s.App != app:
		case !s.IDs.IsZero():
			out = append(out, s.IDs)
		case slices.ContainsFunc(s.Methods, func(m *Method) bool { return m.ID != 0 }):
			return []Range{{Low: route.FirstID, High: lastID}}
		}
	}
	return out
}
