package wire_test

import (
	"bytes"
	"encoding/hex"
	"encoding/json"
	"os"
	"regexp"
	"strconv"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/wire"
)

// blocks returns the fenced blocks of docs/protocol.md in one language, by name.
func blocks(t *testing.T, language string) map[string]string {
	t.Helper()
	text, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]string{}
	for _, m := range regexp.MustCompile("(?ms)^```"+language+" ([a-z-]+)\n(.*?)^```").FindAllSubmatch(text, -1) {
		found[string(m[1])] = string(m[2])
	}
	return found
}

func hexOf(t *testing.T, block string) []byte {
	t.Helper()
	plain := regexp.MustCompile(`#.*|\s`).ReplaceAllString(block, "")
	b, err := hex.DecodeString(plain)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// text is a payload made of string fields 1, 2, …
func text(fields ...string) []byte {
	var b []byte
	for i, f := range fields {
		b = protowire.AppendString(protowire.AppendTag(b, protowire.Number(i+1), protowire.BytesType), f)
	}
	return b
}

// documented are the packets that the page claims to show. The payload is given
// in both encodings: a message of hawos's own, or bytes and JSON.
var documented = map[string]struct {
	packet  wire.Packet
	message proto.Message
	proto   []byte
	json    string
}{
	"login": {wire.Packet{ID: wire.IDLogin, Seq: 1}, &hawospb.LoginRequest{Token: "eyJ0", Protocol: wire.Version}, nil, ""},
	"login-reply": {wire.Packet{ID: wire.IDLogin, Seq: 1}, &hawospb.LoginReply{
		Uid: "ann", SessionId: "S7", ServerTimeMs: 1700000000000, HeartbeatMs: 20000, MaxPacketBytes: 65536, MaxInFlight: 64,
	}, nil, ""},
	"call":  {wire.Packet{ID: 2001, Seq: 2, TimeoutMS: 3000}, nil, text("hi"), `{"text":"hi"}`},
	"reply": {wire.Packet{ID: 2001, Seq: 2}, nil, protowire.AppendVarint([]byte{8}, 7), `{"id":7}`},
	"refusal": {wire.Packet{
		ID: 2001, Seq: 3, Code: 8, Error: "too many requests", Flags: wire.FlagRetryable, RetryAfterMS: 50,
	}, nil, nil, ""},
	"push": {wire.Packet{ID: 2101}, nil, text("ann", "hi"), `{"from":"ann","text":"hi"}`},
}

func TestDocumentedBytes(t *testing.T) {
	shown := blocks(t, "hex")
	if len(shown) != len(documented) {
		t.Errorf("got %d blocks of bytes in the page, want %d", len(shown), len(documented))
	}
	for name, d := range documented {
		want := d.packet
		want.Payload = d.proto
		if d.message != nil {
			var err error
			if want.Payload, err = wire.Proto.Marshal(nil, d.message); err != nil {
				t.Fatal(err)
			}
		}
		if got := hexOf(t, shown[name]); !bytes.Equal(got, want.Append(nil)) {
			t.Errorf("%s: the page says\n%x, the code\n%x", name, got, want.Append(nil))
		}
	}
}

func TestDocumentedJSON(t *testing.T) {
	for name, block := range blocks(t, "json") {
		var got wire.Packet
		if err := got.UnmarshalJSON([]byte(block)); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		d := documented[name]
		payload := compact(got.Payload)
		if d.message != nil {
			m := d.message.ProtoReflect().New().Interface()
			if err := wire.JSON.Unmarshal(got.Payload, m); err != nil || !proto.Equal(m, d.message) {
				t.Errorf("%s: got payload %v, %v, want %v", name, m, err, d.message)
			}
		} else if payload != d.json {
			t.Errorf("%s: got payload %s, want %s", name, payload, d.json)
		}
		got.Payload = nil
		if !proto.Equal(generated(&got), generated(&d.packet)) {
			t.Errorf("%s: got %+v, want %+v", name, got, d.packet)
		}
	}
}

func compact(b []byte) string {
	var out bytes.Buffer
	if len(b) == 0 || json.Compact(&out, b) != nil {
		return string(b)
	}
	return out.String()
}

func TestDocumentedCloseCodes(t *testing.T) {
	text, err := os.ReadFile("../../docs/protocol.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []int{
		wire.CloseMalformed, wire.CloseToken, wire.CloseKicked, wire.CloseIdle, wire.CloseReplaced, wire.CloseTooLarge, wire.CloseTooSlow, wire.CloseDraining, 1002, 1006,
	} {
		row := regexp.MustCompile(`(?m)^\| ` + strconv.Itoa(code) + `[,0-9a-z ]* \|[^|]*\| (yes|no)`).FindSubmatch(text)
		if row == nil {
			t.Errorf("close code %d is not in the table", code)
			continue
		}
		if says := string(row[1]) == "yes"; says != wire.ComesBack(code) {
			t.Errorf("close code %d: the page says come back %v, the code %v", code, says, wire.ComesBack(code))
		}
	}
}
