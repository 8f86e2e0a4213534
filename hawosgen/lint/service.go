package lint

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/hawosgen/schema"
)

// service checks one service and its rpcs.
func (l *linter) service(svc *schema.Service) {
	l.named(serviceName, "service", svc.Desc, camel)
	if svc.Doc == "" {
		l.find(serviceComment, svc.Pos, "service "+quote(svc.Desc)+" has no comment", "say above it what it is for")
	}
	called := false
	for _, m := range svc.Methods {
		l.named(rpcName, "rpc", m.Desc, camel)
		if m.ID == 0 {
			continue
		}
		called = true
		if m.Doc == "" {
			l.find(rpcComment, m.Pos, fmt.Sprintf("rpc %s has the protocol ID %d and no comment", quote(m.Desc), m.ID), "say above it what it does for a client")
		}
		l.ownMessage(m, "request", m.Desc.Input(), inputTag)
		l.ownMessage(m, "reply", m.Desc.Output(), outputTag)
	}
	if called && svc.IDs.IsZero() {
		l.find(idRange, svc.Pos, "service "+quote(svc.Desc)+" has protocol IDs but no range for them", rangeRemedy(svc))
	}
}

// The fields of descriptors that name messages: of an rpc's two, of a field's one.
const (
	inputTag    = 2
	outputTag   = 3
	typeNameTag = 6
)

// use is a place at which a message is named: by an rpc, as its request or its
// reply, or by a field.
type use struct {
	by  protoreflect.Descriptor
	tag int32
}

// ownMessage checks that an rpc's message has no other uses. Empty messages of
// protobuf's own never change.
func (l *linter) ownMessage(m *schema.Method, kind string, d protoreflect.MessageDescriptor, tag int32) {
	if d.FullName() == "google.protobuf.Empty" {
		return
	}
	for _, u := range l.uses[d.FullName()] {
		if u.by == protoreflect.Descriptor(m.Desc) && u.tag == tag {
			continue
		}
		suffix := map[int32]string{inputTag: "Request", outputTag: "Reply"}[tag]
		l.find(rpcMessages, l.schema.Place(m.Desc, tag), fmt.Sprintf("the %s of rpc %s is %s, which has other uses", kind, quote(m.Desc), d.FullName()),
			fmt.Sprintf("declare message %s%s", schema.GoCamel(string(m.Desc.Name())), suffix),
			schema.Note{Text: "used here too", Pos: l.schema.Place(u.by, u.tag)})
		return
	}
}

// usesOf returns which rpcs and fields of the project name which messages.
func usesOf(s *schema.Schema) map[protoreflect.FullName][]use {
	out := map[protoreflect.FullName][]use{}
	add := func(d protoreflect.MessageDescriptor, u use) { out[d.FullName()] = append(out[d.FullName()], u) }
	for _, svc := range s.Services {
		for _, m := range svc.Methods {
			add(m.Desc.Input(), use{m.Desc, inputTag})
			add(m.Desc.Output(), use{m.Desc, outputTag})
		}
	}
	var fields func(protoreflect.MessageDescriptors)
	fields = func(list protoreflect.MessageDescriptors) {
		for i := range list.Len() {
			m := list.Get(i)
			for i := range m.Fields().Len() {
				if f := m.Fields().Get(i); f.Message() != nil {
					add(f.Message(), use{f, typeNameTag})
				}
			}
			fields(m.Messages())
		}
	}
	for _, f := range s.Owned() {
		fields(f.Desc.Messages())
	}
	return out
}

func rangeRemedy(svc *schema.Service) string {
	var low, high uint32
	for _, m := range svc.Methods {
		if m.ID == 0 {
			continue
		}
		if low == 0 {
			low = m.ID
		}
		low, high = min(low, m.ID), max(high, m.ID)
	}
	low = max(100, low/1000*1000)
	return fmt.Sprintf(`add ids: "%d-%d" to option (hawos.app)`, low, high/1000*1000+999)
}

// ranges checks that apps keep apart.
func (l *linter) ranges() {
	services := l.schema.Services
	for i, b := range services {
		for _, a := range services[:i] {
			if a.App == b.App || a.IDs.IsZero() || b.IDs.IsZero() || a.IDs.High < b.IDs.Low || b.IDs.High < a.IDs.Low {
				continue
			}
			l.find(idRangeOverlap, b.Pos, fmt.Sprintf("the range %s of app %q overlaps %s of app %q", b.IDs, b.App, a.IDs, a.App),
				"give one of them another range", schema.Note{Text: "the other one", Pos: a.Pos})
		}
	}
}
