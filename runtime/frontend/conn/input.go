package conn

import (
	"bufio"
	"errors"
	"io"
	"net"
	"sync"
	"time"
)

// input is what arrived and the library has not taken yet. A connection that
// waits holds no buffer for it, and waits on a shallow stack: below the library
// a goroutine would need twice the stack for as long as its client is silent.
type input struct {
	rest []byte  // of buf
	buf  *[]byte // nil: nothing is here
	try  arrival
}

// inputBytes is how many bytes one read takes from the kernel, many small
// packets.
const inputBytes = 4 << 10

var inputs = sync.Pool{New: func() any { b := make([]byte, inputBytes); return &b }}

func (i *input) empty() bool { return len(i.rest) == 0 }

// set takes a pooled buffer whose first n bytes arrived.
func (i *input) set(buf *[]byte, n int) { i.buf, i.rest = buf, (*buf)[:n] }

// take moves bytes to p. The buffer goes back with the last one.
func (i *input) take(p []byte) int {
	n := copy(p, i.rest)
	if i.rest = i.rest[n:]; len(i.rest) == 0 {
		inputs.Put(i.buf)
		i.buf, i.rest = nil, nil
	}
	return n
}

// libraryBuffer is the size of the reader that the library parses frames from:
// the least that it takes over, above the greatest control frame.
const libraryBuffer = 288

func newReader(s *socket) *bufio.Reader { return bufio.NewReaderSize(netConn{s}, libraryBuffer) }

// await waits until something is there to be read.
func (c *Conn) await() error {
	if c.reader.Buffered() > 0 || !c.in.empty() {
		return nil
	}
	return c.fill()
}

// fill reads into the input, which is empty. It waits as long as the client may
// be silent.
func (s *socket) fill() error {
	for {
		err := s.in.try.read(s)
		if !s.in.empty() {
			s.Touch()
			return nil
		}
		if !s.patient(err) {
			return err
		}
	}
}

// read is for where arrival cannot.
func (i *input) read(r io.Reader) error {
	buf := inputs.Get().(*[]byte)
	n, err := r.Read(*buf)
	if n > 0 {
		i.set(buf, n)
		return nil
	}
	inputs.Put(buf)
	return err
}

// patient reports whether a read that failed is to be tried again. The deadline
// is set anew only when it has passed, so that a busy connection costs no timer.
func (s *socket) patient(err error) bool {
	var timeout net.Error
	if !errors.As(err, &timeout) || !timeout.Timeout() || s.closing.Load() {
		return false
	}
	end := time.Unix(0, s.lastRead.Load()).Add(s.o.IdleTimeout)
	return time.Now().Before(end) && s.extend(end)
}
