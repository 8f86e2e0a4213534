package wire_test

import (
	"encoding/json"
	"errors"
	"testing"

	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/wire"
)

func TestJSONPacket(t *testing.T) {
	for _, c := range []struct {
		packet wire.Packet
		text   string
	}{
		{wire.Packet{}, `{}`},
		{wire.Packet{Seq: 3}, `{"seq":3}`},
		{wire.Packet{ID: 2001, Seq: 1, Payload: []byte(`[1, {"a":null}]`)}, `{"id":2001,"seq":1,"payload":[1, {"a":null}]}`},
		{wire.Packet{ID: 5, Code: 8, Error: "a \"b\"\n", Flags: 1, RetryAfterMS: 20}, `{"id":5,"code":8,"error":"a \"b\"\n","flags":1,"retry_after_ms":20}`},
		{wire.Packet{TimeoutMS: 9, Trace: []byte{1, 2}, PushSeq: 1 << 63, Ack: 4}, `{"timeout_ms":9,"trace":"AQI=","push_seq":"9223372036854775808","ack":"4"}`},
	} {
		if got := string(c.packet.AppendJSON(nil)); got != c.text || !json.Valid([]byte(got)) {
			t.Errorf("got %s, want %s", got, c.text)
		}
		var back wire.Packet
		if err := back.UnmarshalJSON([]byte(c.text)); err != nil || !proto.Equal(generated(&back), generated(&c.packet)) {
			t.Errorf("%s: got %+v, %v, want %+v", c.text, back, err, c.packet)
		}
	}
}

func TestJSONPacketRefusesWhatIsNone(t *testing.T) {
	for _, s := range []string{``, `null`, ` null `, `[]`, `1`, `{"id":-1}`, `{"id":"x"}`, `{"id":4294967296}`, `{"ack":"x"}`, `{"trace":"!"}`, `{"payload":}`, `{} {}`} {
		var p wire.Packet
		if err := p.UnmarshalJSON([]byte(s)); !errors.Is(err, wire.ErrMalformed) {
			t.Errorf("%q: got %v, want %v", s, err, wire.ErrMalformed)
		}
	}
}

func TestEncodingCarriesMessages(t *testing.T) {
	want := &hawospb.LoginReply{Uid: "ann", ServerTimeMs: 1 << 60}
	for _, e := range []wire.Encoding{wire.Proto, wire.JSON} {
		b, err := e.Marshal(nil, want)
		if err != nil {
			t.Fatal(err)
		}
		got := &hawospb.LoginReply{SessionId: "overwritten"}
		if err := e.Unmarshal(b, got); err != nil || !proto.Equal(got, want) {
			t.Errorf("%s: got %v, %v, want %v", e.Subprotocol(), got, err, want)
		}
		if err := e.Unmarshal(nil, got); err != nil || !proto.Equal(got, &hawospb.LoginReply{}) {
			t.Errorf("%s: nothing decodes to %v, %v, want the empty message", e.Subprotocol(), got, err)
		}
	}
}

func TestEncodingJSONNamesFieldsAsTheProtoDoes(t *testing.T) {
	b, err := wire.JSON.Marshal(nil, &hawospb.GoAway{})
	if err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(b, &got); err != nil || got["reconnect_after_ms"] != 0.0 {
		t.Errorf("got %s, %v, want the field reconnect_after_ms with its default", b, err)
	}
	if err := wire.JSON.Unmarshal([]byte(`{"newer":1}`), &hawospb.GoAway{}); err != nil {
		t.Errorf("unknown field: got %v, want nil", err)
	}
}
