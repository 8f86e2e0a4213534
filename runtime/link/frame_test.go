package link

import (
	"bytes"
	"errors"
	"slices"
	"testing"

	"google.golang.org/grpc/mem"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/session"
	"github.com/hawos/hawos/runtime/wire"
)

func marshal(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// samples are frames of every kind, with each field set somewhere.
func samples(t testing.TB) []frame {
	info := marshal(t, &hawospb.SessionInfo{Id: "s1", Uid: "ann", Frontend: "frontend-1", Remote: "10.0.0.1:5", OpenedMs: 7, Json: true})
	hello := marshal(t, &hawospb.Hello{Instance: "chat-1", Epoch: "e", Namespace: "dev", Protocol: 1, Events: true})
	return []frame{
		{},
		{kind: hawospb.Frame_HELLO, hello: hello},
		{kind: hawospb.Frame_SESSION, session: 3, info: info},
		{kind: hawospb.Frame_SESSION_CLOSED, session: 1 << 40, reason: "gone – für immer"},
		{kind: hawospb.Frame_REQUEST, call: 1<<63 + 5, session: 1, id: 2001, payload: []byte("payload"), timeoutMS: 3000,
			trace: bytes.Repeat([]byte{9}, 25), encoding: wire.JSON},
		{kind: hawospb.Frame_ONE_WAY, call: 2, session: 300, id: 1<<31 - 1, payload: bytes.Repeat([]byte{1}, 70000)},
		{kind: hawospb.Frame_REPLY, call: 3, code: 2401, err: "room full", flags: 1, retryAfterMS: 250,
			groups: []session.Change{{Group: "room:1"}, {Group: "room:2", Leave: true}, {}}},
		{kind: hawospb.Frame_DRAIN},
	}
}

// generated is f as the generated code has it; an error where its messages are
// malformed.
func generated(f *frame) (*hawospb.Frame, error) {
	g := &hawospb.Frame{Kind: f.kind, Call: f.call, Session: f.session, Id: f.id, Code: f.code, Payload: f.payload, Error: f.err,
		TimeoutMs: f.timeoutMS, Flags: f.flags, RetryAfterMs: f.retryAfterMS, Trace: f.trace,
		Encoding: hawospb.Frame_Encoding(f.encoding), Reason: f.reason}
	for _, c := range f.groups {
		g.Groups = append(g.Groups, &hawospb.GroupChange{Group: c.Group, Leave: c.Leave})
	}
	if f.info != nil {
		g.Info = new(hawospb.SessionInfo)
		if err := proto.Unmarshal(f.info, g.Info); err != nil {
			return nil, err
		}
	}
	if f.hello != nil {
		g.Hello = new(hawospb.Hello)
		if err := proto.Unmarshal(f.hello, g.Hello); err != nil {
			return nil, err
		}
	}
	return g, nil
}

// parsed is what parseBatch makes of b, as the generated code has it.
func parsed(b []byte) (*hawospb.Batch, error) {
	all := &hawospb.Batch{}
	var f frame
	err := parseBatch(b, &f, func(f *frame) error {
		g, err := generated(f)
		all.Frames = append(all.Frames, proto.CloneOf(g))
		return err
	})
	return all, err
}

func TestBatchIsWhatGeneratedCodeReads(t *testing.T) {
	var b []byte
	want := &hawospb.Batch{}
	for _, f := range samples(t) {
		before := len(b)
		b = f.append(b)
		if got := len(b) - before; got != f.appendedSize() {
			t.Errorf("%v: appended %d bytes, announced %d", f.kind, got, f.appendedSize())
		}
		g, err := generated(&f)
		if err != nil {
			t.Fatal(err)
		}
		want.Frames = append(want.Frames, g)
	}
	var got hawospb.Batch
	if err := proto.Unmarshal(b, &got); err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(&got, want) {
		t.Errorf("got %v, want %v", &got, want)
	}
}

func TestBatchOfGeneratedCodeIsRead(t *testing.T) {
	want := &hawospb.Batch{}
	for _, f := range samples(t) {
		g, err := generated(&f)
		if err != nil {
			t.Fatal(err)
		}
		want.Frames = append(want.Frames, g)
	}
	got, err := parsed(marshal(t, want))
	if err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestMalformedBatchIsRefused(t *testing.T) {
	f := frame{kind: hawospb.Frame_REPLY, call: 1, err: "text", groups: []session.Change{{Group: "g"}}}
	whole := f.append(nil)
	for n := 1; n < len(whole); n++ {
		if _, err := parsed(whole[:n]); !errors.Is(err, errMalformed) {
			t.Errorf("%d of %d bytes: got %v, want errMalformed", n, len(whole), err)
		}
	}
	f.err = "\xff"
	if _, err := parsed(f.append(nil)); !errors.Is(err, errMalformed) {
		t.Errorf("text that is not UTF-8: got %v, want errMalformed", err)
	}
}

// FuzzBatch holds the hand-written parser against the generated one: they refuse
// the same bytes and read the same of the others.
func FuzzBatch(f *testing.F) {
	var all []byte
	for _, s := range samples(f) {
		f.Add(s.append(nil))
		all = s.append(all)
	}
	f.Add(all[:200])
	f.Add([]byte{0x0a, 0x02, 0x08, 0xff})
	f.Fuzz(func(t *testing.T, b []byte) {
		var want hawospb.Batch
		wantErr := proto.UnmarshalOptions{DiscardUnknown: true}.Unmarshal(b, &want)
		got, err := parsed(b)
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("%x: got error %v, generated code's %v", b, err, wantErr)
		}
		if err != nil {
			return
		}
		for _, g := range want.Frames { // ours keeps a byte of it: two values are known
			g.Encoding = hawospb.Frame_Encoding(uint8(g.Encoding))
		}
		for _, g := range got.Frames {
			g.Info, g.Hello = discard(t, g.Info), discard(t, g.Hello)
		}
		if !proto.Equal(got, &want) {
			t.Fatalf("%x: got %v, want %v", b, got, &want)
		}
	})
}

// discard returns m without unknown fields.
func discard[M proto.Message](t *testing.T, m M) M {
	if !m.ProtoReflect().IsValid() {
		return m
	}
	clean := m.ProtoReflect().New().Interface()
	if err := (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(marshal(t, m), clean); err != nil {
		t.Fatal(err)
	}
	return clean.(M)
}

func TestFramesDoNotAllocate(t *testing.T) {
	request, reply := samples(t)[4], samples(t)[6]
	reply.err, reply.groups = "", nil // texts are copied out
	b := make([]byte, 0, 4096)
	if n := testing.AllocsPerRun(100, func() { b = reply.append(request.append(b[:0])) }); n != 0 {
		t.Errorf("append: %v allocations, want 0", n)
	}
	var f frame
	count := 0
	each := func(*frame) error { count++; return nil }
	if n := testing.AllocsPerRun(100, func() { _ = parseBatch(b, &f, each) }); n != 0 {
		t.Errorf("parse: %v allocations, want 0", n)
	}
	if count == 0 {
		t.Error("nothing was parsed")
	}
}

func TestCodecPassesOtherMessagesOn(t *testing.T) {
	want := &hawospb.Notice{Text: "hello"}
	b, err := Codec{}.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(b.Materialize(), marshal(t, want)) {
		t.Errorf("got %x, want %x", b.Materialize(), marshal(t, want))
	}
	var got hawospb.Notice
	if err := (Codec{}).Unmarshal(b, &got); err != nil || got.Text != want.Text {
		t.Errorf("got %v, %v, want %v", &got, err, want)
	}
	var p packed
	if err := (Codec{}).Unmarshal(mem.BufferSlice{mem.SliceBuffer("raw")}, &p); err != nil || string(p.buf.ReadOnlyData()) != "raw" {
		t.Errorf("raw batch: got %v, %v", p.buf, err)
	}
}

func BenchmarkFrameAppend(b *testing.B) {
	f := frame{kind: hawospb.Frame_REQUEST, call: 1 << 21, session: 12345, id: 2001, payload: make([]byte, 64), timeoutMS: 3000}
	buf := make([]byte, 0, 1024)
	b.ReportAllocs()
	for b.Loop() {
		buf = f.append(buf[:0])
	}
}

func BenchmarkFrameParse(b *testing.B) {
	f := frame{kind: hawospb.Frame_REQUEST, call: 1 << 21, session: 12345, id: 2001, payload: make([]byte, 64), timeoutMS: 3000}
	var buf []byte
	for range 16 {
		buf = f.append(buf)
	}
	n := 0
	each := func(*frame) error { n++; return nil }
	b.ReportAllocs()
	for b.Loop() {
		if err := parseBatch(buf, &f, each); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(n), "ns/frame")
}
