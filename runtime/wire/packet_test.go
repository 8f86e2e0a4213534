package wire_test

import (
	"bytes"
	"math"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/wire"
)

func full() wire.Packet {
	return wire.Packet{
		ID: 2001, Seq: 7, Code: 2401, Payload: []byte(`{"text":"hi"}`), Error: "room full", TimeoutMS: 1500, Flags: wire.FlagRetryable,
		RetryAfterMS: 200, Trace: bytes.Repeat([]byte{9}, 25), PushSeq: math.MaxUint64, Ack: 1 << 60,
	}
}

func generated(p *wire.Packet) *hawospb.Packet {
	return &hawospb.Packet{
		Id: p.ID, Seq: p.Seq, Code: p.Code, Payload: p.Payload, Error: p.Error, TimeoutMs: p.TimeoutMS, Flags: p.Flags,
		RetryAfterMs: p.RetryAfterMS, Trace: p.Trace, PushSeq: p.PushSeq, Ack: p.Ack,
	}
}

func TestPacketIsTheGeneratedMessage(t *testing.T) {
	for _, p := range []wire.Packet{{}, {ID: 1}, {Seq: math.MaxUint32}, full()} {
		got := p.Append([]byte("kept"))
		want, err := proto.MarshalOptions{Deterministic: true}.MarshalAppend([]byte("kept"), generated(&p))
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(got, want) {
			t.Errorf("Append(%+v)\n got %x\nwant %x", p, got, want)
		}
		var back wire.Packet
		if err := back.Unmarshal(got[4:]); err != nil || !proto.Equal(generated(&back), generated(&p)) {
			t.Errorf("Unmarshal: got %+v, %v, want %+v", back, err, p)
		}
	}
}

func TestPacketSkipsUnknownFields(t *testing.T) {
	p := full()
	b := protowire.AppendTag(nil, 99, protowire.StartGroupType)
	b = protowire.AppendTag(b, 99, protowire.EndGroupType)
	b = protowire.AppendFixed64(protowire.AppendTag(b, 15, protowire.Fixed64Type), 1)
	b = protowire.AppendFixed32(protowire.AppendTag(b, 1, protowire.Fixed32Type), 1) // a known number of another type
	var got wire.Packet
	if err := got.Unmarshal(p.Append(b)); err != nil || !proto.Equal(generated(&got), generated(&p)) {
		t.Errorf("got %+v, %v, want %+v", got, err, p)
	}
}

func TestPacketRefusesWhatIsNone(t *testing.T) {
	for name, b := range map[string][]byte{
		"truncated varint": {0x08, 0x80},
		"truncated bytes":  {0x22, 0x05, 'a'},
		"huge length":      {0x22, 0xff, 0xff, 0xff, 0xff, 0x7f},
		"field number 0":   {0x00, 0x01},
		"wire type 7":      {0x0f},
		"lone end group":   {0x0c},
		"error not UTF-8":  {0x2a, 0x01, 0xff},
	} {
		var p wire.Packet
		if err := p.Unmarshal(b); err != wire.ErrMalformed {
			t.Errorf("%s: got %v, want %v", name, err, wire.ErrMalformed)
		}
	}
}

func TestPacketCodecAllocatesNothing(t *testing.T) {
	p := full()
	p.Error = ""
	b, buf := p.Append(nil), make([]byte, 0, 256)
	var got wire.Packet
	if n := testing.AllocsPerRun(100, func() { _ = got.Unmarshal(b); buf = p.Append(buf[:0]) }); n != 0 {
		t.Errorf("got %v allocations per packet, want 0", n)
	}
	if n := testing.AllocsPerRun(100, func() { buf = p.AppendJSON(buf[:0]) }); n != 0 {
		t.Errorf("got %v allocations per JSON packet sent, want 0", n)
	}
}

// FuzzPacket holds both codecs against the generated message: what they accept,
// what they read, and that they read what they write.
func FuzzPacket(f *testing.F) {
	p := full()
	f.Add(p.Append(nil))
	f.Add(p.AppendJSON(nil))
	f.Add([]byte(`{"id":1,"payload":null,"ack":"7"}`))
	f.Add([]byte(" null"))
	f.Fuzz(func(t *testing.T, b []byte) {
		var got wire.Packet
		var want hawospb.Packet
		err, wantErr := got.Unmarshal(b), proto.Unmarshal(b, &want)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%x: got error %v, want %v", b, err, wantErr)
		}
		if err == nil {
			want.ProtoReflect().SetUnknown(nil)
			if !proto.Equal(generated(&got), &want) {
				t.Fatalf("%x: got %+v, want %v", b, got, &want)
			}
		}
		if got.UnmarshalJSON(b) != nil {
			return
		}
		var again wire.Packet
		out := got.AppendJSON(nil)
		if err := again.UnmarshalJSON(out); err != nil || !proto.Equal(generated(&got), generated(&again)) {
			t.Fatalf("%s: written %s, read back %+v, %v, want %+v", b, out, again, err, got)
		}
	})
}

func BenchmarkPacketUnmarshal(b *testing.B) {
	p := full()
	p.Error = ""
	data := p.Append(nil)
	b.ReportAllocs()
	for b.Loop() {
		if err := p.Unmarshal(data); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPacketAppend(b *testing.B) {
	p, buf := full(), make([]byte, 0, 256)
	b.ReportAllocs()
	for b.Loop() {
		buf = p.Append(buf[:0])
	}
}

func BenchmarkPacketUnmarshalJSON(b *testing.B) {
	p := full()
	data := p.AppendJSON(nil)
	b.ReportAllocs()
	for b.Loop() {
		if err := p.UnmarshalJSON(data); err != nil {
			b.Fatal(err)
		}
	}
}
