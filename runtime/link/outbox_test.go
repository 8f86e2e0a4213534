package link

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"github.com/hawos/hawos/runtime/hawospb"
)

// stream is the other side of an outbox: it takes a message when it is let.
type stream struct {
	entered chan struct{} // one token per call of send
	let     chan struct{} // one token per message; closed: all
	taken   chan []byte
	dropped bool
}

func newStream() *stream {
	return &stream{entered: make(chan struct{}, 1000), let: make(chan struct{}, 100), taken: make(chan []byte, 1000)}
}

func (s *stream) streamer() streamer {
	return streamer{
		send: func(p *packed) error {
			s.entered <- struct{}{}
			<-s.let
			s.taken <- bytes.Clone(p.buf.ReadOnlyData())
			p.buf.Free()
			return nil
		},
		end:  func() error { close(s.taken); return nil },
		drop: func() { s.dropped = true },
	}
}

func request(call uint64, size int) *frame {
	return &frame{kind: hawospb.Frame_REQUEST, call: call, session: 1, id: 101, payload: make([]byte, size)}
}

// numbers returns the call numbers of a batch.
func numbers(t *testing.T, b []byte) (all []uint64) {
	t.Helper()
	var f frame
	if err := parseBatch(b, &f, func(f *frame) error { all = append(all, f.call); return nil }); err != nil {
		t.Fatal(err)
	}
	return all
}

func TestOutboxSendsTogetherWhatWaits(t *testing.T) {
	s := newStream()
	var b buffers
	o := newOutbox(1<<20, &b, s.streamer())
	done := make(chan error, 1)
	go func() { done <- o.run(context.Background()) }()
	put := func(n uint64, size int) {
		t.Helper()
		if err := o.put(request(n, size), false); err != nil {
			t.Fatal(err)
		}
	}
	put(1, 10)
	o.flush(false)
	<-s.entered
	for n := uint64(2); n <= 100; n++ { // while 1 is on its way
		put(n, 10)
		o.flush(true)
	}
	put(101, 3*chunkBytes) // larger than a chunk: a message of its own
	put(102, 10)
	close(s.let)
	o.finish()
	if err := <-done; err != nil {
		t.Fatal(err)
	}
	var all []uint64
	messages := 0
	for m := range s.taken {
		all = append(all, numbers(t, m)...)
		messages++
	}
	for n, call := range all {
		if call != uint64(n+1) {
			t.Fatalf("frame %d is %d", n+1, call)
		}
	}
	if len(all) != 102 || messages != 4 {
		t.Errorf("got %d frames in %d messages, want 102 in 4", len(all), messages)
	}
	if n := o.unsent.Load(); n != 0 || o.queued != 0 {
		t.Errorf("%d bytes count as unsent, %d as queued", n, o.queued)
	}
	if err := o.put(request(103, 1), true); !errors.Is(err, errClosed) {
		t.Errorf("put after finish: got %v, want errClosed", err)
	}
}

func TestOutboxRefusesWhenFullButForWhatMustGo(t *testing.T) {
	s := newStream() // lets nothing through
	var b buffers
	o := newOutbox(1000, &b, s.streamer())
	if err := o.put(request(1, 900), false); err != nil {
		t.Fatal(err)
	}
	if err := o.put(request(2, 900), false); !errors.Is(err, errFull) {
		t.Errorf("got %v, want errFull", err)
	}
	if err := o.put(request(3, 900), true); err != nil {
		t.Errorf("what must go: got %v", err)
	}
	for n := uint64(4); !s.dropped && n < 200; n++ {
		_ = o.put(request(n, 1<<20), true)
	}
	if !s.dropped {
		t.Error("a stream that takes nothing is never given up")
	}
	if err := o.put(request(999, 1), true); !errors.Is(err, errClosed) {
		t.Errorf("after that: got %v, want errClosed", err)
	}
}

func TestOutboxSendsByItselfWhenQuiet(t *testing.T) {
	s := newStream()
	close(s.let)
	var b buffers
	o := newOutbox(1<<20, &b, s.streamer()) // nobody runs it
	if err := o.put(request(1, 10), false); err != nil {
		t.Fatal(err)
	}
	o.flush(true)
	if got := numbers(t, <-s.taken); len(got) != 1 || got[0] != 1 {
		t.Errorf("got %v, want 1", got)
	}
}

func TestOutboxDoesNotAllocatePerFrame(t *testing.T) {
	var b buffers
	o := newOutbox(1<<20, &b, streamer{send: func(p *packed) error { p.buf.Free(); return nil }})
	f := request(1, 64)
	send := func() {
		for range 10 {
			if err := o.put(f, false); err != nil {
				t.Fatal(err)
			}
		}
		o.flush(true)
	}
	send()
	if n := testing.AllocsPerRun(200, send); n != 0 {
		t.Errorf("got %v allocations per batch, want 0", n)
	}
}
