package breaking

import (
	"fmt"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/hawosgen/schema"
)

// rpcs compares what services call of each other, by full name.
func (c *comparison) rpcs() {
	byName, byID := map[protoreflect.FullName]*schema.Method{}, map[uint32]*schema.Method{}
	for _, svc := range c.new.Services {
		for _, m := range svc.Methods {
			byName[m.Desc.FullName()] = m
			if m.ID != 0 {
				byID[m.ID] = m
			}
		}
	}
	for _, svc := range c.old.Services {
		for _, was := range svc.Methods {
			now := byName[was.Desc.FullName()]
			switch {
			case now != nil:
				c.rpc(was, now)
			case was.ID == 0:
				c.find(grpcRemoved, c.home(was.Desc), fmt.Sprintf("rpc %s is gone, and services built before may call it", was.Desc.FullName()),
					"deploy those that call it first", was.Desc)
			case byID[was.ID] != nil && sameMessages(was, byID[was.ID]):
				now := byID[was.ID]
				c.find(grpcRemoved, now.Pos, fmt.Sprintf("rpc %s is called %s, and services built before call it by its old name", was.Desc.FullName(), now.Desc.FullName()),
					"deploy those that call it together with this one", was.Desc)
			}
		}
	}
}

func (c *comparison) rpc(was, now *schema.Method) {
	a, b := was.Desc, now.Desc
	if a.IsStreamingClient() != b.IsStreamingClient() || a.IsStreamingServer() != b.IsStreamingServer() {
		c.find(grpcStream, now.Pos, fmt.Sprintf("rpc %s streams otherwise than before", b.FullName()), "add a new rpc, and keep this one until nobody calls it", a)
		return
	}
	if was.ID == 0 || now.ID == 0 { // else compared by ID
		c.payloads(was, now, false)
	}
}

// sameMessages reports whether two rpcs are the same but for names.
func sameMessages(a, b *schema.Method) bool {
	return use{method: a}.fingerprint() == use{method: b}.fingerprint()
}
