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
		l.rpcMessage(m, "request", m.Desc.Input(), inputTag, "Request")
		l.rpcMessage(m, "reply", m.Desc.Output(), outputTag, "Reply")
	}
	if called && svc.IDs.IsZero() {
		l.find(idRange, svc.Pos, "service "+quote(svc.Desc)+" has protocol IDs but no range for them", rangeRemedy(svc))
	}
}

// The fields of an rpc's descriptor that name its messages.
const (
	inputTag  = 2
	outputTag = 3
)

// rpcMessage checks that an rpc's message is called after it. Empty messages of
// protobuf's own never change.
func (l *linter) rpcMessage(m *schema.Method, kind string, d protoreflect.MessageDescriptor, tag int32, suffix string) {
	want := schema.GoCamel(string(m.Desc.Name())) + suffix
	if string(d.Name()) == want || d.FullName() == "google.protobuf.Empty" {
		return
	}
	l.find(rpcMessages, l.schema.Place(m.Desc, tag), fmt.Sprintf("the %s of rpc %s is %s, which may have other uses", kind, quote(m.Desc), d.FullName()),
		"declare message "+want)
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
