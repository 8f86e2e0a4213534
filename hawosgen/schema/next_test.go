package schema_test

import (
	"fmt"
	"testing"

	"github.com/hawos/hawos/hawosgen/schema"
)

func TestNextIDGoesOnBehindTheLastOfItsService(t *testing.T) {
	const head = "syntax = \"proto3\"; package chat.v1; import \"hawos/options.proto\"; message A {} message B { option (hawos.push_id) = 2004; }\n"
	rpc := func(name string, id int) string {
		return fmt.Sprintf("rpc %s(A) returns (A) { option (hawos.id) = %d; }\n", name, id)
	}
	tests := []struct {
		name, body string
		locked     []uint32
		id, push   uint32 // 0: none
	}{
		{name: "behind the last", body: `option (hawos.app) = {ids: "2000-2999"};` + rpc("X", 2001) + rpc("Y", 2002), id: 2003, push: 2005},
		{name: "over a push", body: `option (hawos.app) = {ids: "2000-2999"};` + rpc("X", 2003), id: 2005, push: 2005},
		{name: "over a retired one", body: `option (hawos.app) = {ids: "2000-2999"};` + rpc("X", 2001), locked: []uint32{2002, 2003}, id: 2005, push: 2005},
		{name: "from the start of a full end", body: `option (hawos.app) = {ids: "2000-2004"};` + rpc("X", 2003), id: 2000, push: 2000},
		{name: "full", body: `option (hawos.app) = {ids: "2003-2004"};` + rpc("X", 2003)},
		{name: "first of a range", body: `option (hawos.app) = {ids: "2000-2999"};`, id: 2001, push: 2005},
		{name: "no range", body: rpc("X", 2998), id: 2999, push: 2005},
		{name: "no range and no ID", body: "", push: 2005},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			c := write(t, map[string]string{"protos/chat.proto": head + "service S {" + tt.body + "}"})
			c.Locked = tt.locked
			s, faults := schema.Compile(t.Context(), c)
			if s == nil {
				t.Fatal(faults)
			}
			if id, ok := s.NextID(s.Services[0]); id != tt.id || ok != (tt.id != 0) {
				t.Errorf("got ID %d, %v, want %d", id, ok, tt.id)
			}
			if id, ok := s.NextPushID(s.Services[0]); id != tt.push || ok != (tt.push != 0) {
				t.Errorf("got push ID %d, %v, want %d", id, ok, tt.push)
			}
		})
	}
}
