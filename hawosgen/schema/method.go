package schema

import (
	"fmt"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/route"
)

// method takes in one rpc.
func (c *checker) method(s *Service, d protoreflect.MethodDescriptor) *Method {
	m := &Method{Service: s, Desc: d, Doc: docOf(d), Pos: c.src.name(d)}
	o := options[descriptorpb.MethodOptions](d)
	if s.Events && (d.Name() == "SessionOpened" || d.Name() == "SessionClosed") {
		c.fault(m.Pos, fmt.Sprintf("a service with events: true has a method %s already: it hears of sessions by it", d.Name()), "rename the rpc")
	}
	given := proto.HasExtension(o, hawospb.E_Id)
	if given {
		m.ID = proto.GetExtension(o, hawospb.E_Id).(uint32)
		m.IDPos = c.src.option(d, optionID)
		c.schema.ids.claim(claim{id: m.ID, name: d.FullName(), pos: m.IDPos, ranges: rangesOf(s)})
		if d.IsStreamingClient() || d.IsStreamingServer() {
			c.fault(m.IDPos, fmt.Sprintf("%s streams, and a protocol ID is for a single request and its reply", d.FullName()),
				"remove the ID, or stream: server messages as pushes, by a message with push_id")
		}
	}
	if !proto.HasExtension(o, hawospb.E_Route) {
		return m
	}
	if !given {
		c.fault(c.src.option(d, optionRoute), fmt.Sprintf("%s has a route but no protocol ID, so nothing is routed to it", d.FullName()),
			"add option (hawos.id) = …, or remove the route")
	}
	c.route(m, proto.GetExtension(o, hawospb.E_Route).(*hawospb.Route))
	return m
}

// route reads the options of an rpc's route.
func (c *checker) route(m *Method, r *hawospb.Route) {
	at := func(field protoreflect.FieldNumber) Pos { return c.src.option(m.Desc, optionRoute, field) }
	m.Options = route.Options{
		LoginOptional: r.GetLogin() == hawospb.Route_OPTIONAL,
		Order:         route.Order(r.GetOrder()),
		Idempotent:    r.GetIdempotent(),
	}
	var ok bool
	if text := r.GetTimeout(); text != "" {
		if m.Options.Timeout, ok = duration(text); !ok {
			c.fault(at(routeTimeout), fmt.Sprintf("timeout %q is no positive duration of 1ms or more", text), `write "3s" or "500ms"`)
		}
	}
	if text := r.GetRate(); text != "" {
		if m.Options.Rate, ok = rate(text); !ok {
			c.fault(at(routeRate), fmt.Sprintf("rate %q is no positive rate", text), `write a number per second, minute or hour: "20/s", "100/m" or "5/h"`)
		}
	}
	c.routeKey(m, r, at)
}

// routeKey reads the field by which a route orders.
func (c *checker) routeKey(m *Method, r *hawospb.Route, at func(protoreflect.FieldNumber) Pos) {
	byKey := r.GetOrder() == hawospb.Route_KEY
	switch {
	case byKey && r.GetKey() == "":
		c.fault(at(routeOrder), "order KEY needs a key to order by", "add key: "+keyable(m.Desc.Input()))
	case !byKey && r.GetKey() != "":
		c.fault(at(routeKey), fmt.Sprintf("key %q says what order KEY orders by, but the order is %s", r.GetKey(), r.GetOrder()), "add order: KEY, or remove the key")
	case byKey:
		var why string
		if m.Key, why = orderKey(m.Desc.Input(), r.GetKey()); why != "" {
			c.fault(at(routeKey), why, keyable(m.Desc.Input()))
		}
	}
}

// rangesOf returns the range of a service as a claim has it.
func rangesOf(s *Service) []Range {
	if s.IDs.IsZero() {
		return nil
	}
	return []Range{s.IDs}
}
