package conn

import (
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/gorilla/websocket"

	"github.com/hawos/hawos/runtime/wire"
)

// socket is the network's side of a connection: its queue, and who writes it.
type socket struct {
	under   net.Conn
	o       *Options
	stats   *Stats
	writers *sync.WaitGroup

	upgraded bool // before, writes go straight through: the answer to the upgrade
	lastRead atomic.Int64
	in       input // the reader's alone

	mu       sync.Mutex
	queue    queue
	writing  bool          // somebody writes until the queue is empty
	broken   bool          // a write failed
	deadline bool          // the connection has a write deadline
	rested   chan struct{} // closed when writing ends; nil: nobody waits
	eased    chan struct{} // closed when the client is not behind any more; nil: nobody waits

	closing atomic.Bool
	done    chan struct{} // closed by Close
	code    atomic.Int32  // of the close, once closing

	raw syscall.RawConn // for reads and writes that do not wait; nil where there are none
	try attempt
}

var (
	errClosing = errors.New("connection is closing")
	errTooSlow = errors.New("client does not read")
)

// Touch starts the idle timeout anew. Who kept Serve from reading calls it.
func (s *socket) Touch() { s.lastRead.Store(time.Now().UnixNano()) }

// CloseCode returns the code that the connection was closed with: the client's
// own, 1006 where it was lost, 0 while it is open.
func (s *socket) CloseCode() int { return int(s.code.Load()) }

// extend sets the read deadline unless a close has.
func (s *socket) extend(end time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.closing.Load() && s.under.SetReadDeadline(end) == nil
}

// Done is closed when the connection begins to close.
func (s *socket) Done() <-chan struct{} { return s.done }

// Close sends a close frame after what waits already, and ends Serve. Later
// packets are not sent. With wire.CloseTooSlow what waits is dropped. It reports
// false where the connection is closing already.
func (s *socket) Close(code int, text string) bool {
	s.mu.Lock()
	if s.closing.Swap(true) {
		s.mu.Unlock()
		return false
	}
	s.code.Store(int32(code))
	if code == wire.CloseTooSlow {
		s.queue.clear()
	}
	if !s.broken && code != websocket.CloseAbnormalClosure {
		s.queue.push(item{own: closeFrame(code, text)})
	}
	_ = s.under.SetReadDeadline(time.Unix(1, 0)) // wakes the reader
	close(s.done)
	s.mu.Unlock()
	s.Flush()
	return true
}

// lost notes that the connection ended without a close frame.
func (s *socket) lost() { s.Close(websocket.CloseAbnormalClosure, "") }

// Abort cuts the connection, whatever waits. Serve and Finish return soon.
func (s *socket) Abort() {
	s.lost()
	_ = s.under.Close()
}

// linger is how long a closed connection waits for the client's end, so that the
// close frame is not overtaken by a reset.
const linger = time.Second

// Finish writes out what waits, for the write timeout at most, and ends the
// connection. Call it after Serve; nothing of the connection is left when it
// returns.
func (s *socket) Finish() {
	s.lost() // where Serve ended without a close
	if s.CloseCode() == websocket.CloseAbnormalClosure {
		_ = s.under.Close() // nobody reads what waits
	}
	s.Flush() // who closed may not have come to it yet
	if s.drained() {
		if tcp, ok := s.under.(interface{ CloseWrite() error }); ok && tcp.CloseWrite() == nil {
			_ = s.under.SetReadDeadline(time.Now().Add(linger))
			discard(s.under)
		}
	}
	_ = s.under.Close()
	s.mu.Lock()
	s.broken = true
	s.queue.clear()
	s.mu.Unlock()
}

// catchUp keeps the reader from reading while the client is behind: who does not
// read replies gets to send no more requests.
func (s *socket) catchUp() {
	for {
		s.mu.Lock()
		if !s.behind() {
			s.mu.Unlock()
			return
		}
		if s.eased == nil {
			s.eased = make(chan struct{})
		}
		eased := s.eased
		s.mu.Unlock()
		select {
		case <-eased:
			s.Touch()
		case <-s.done:
			return
		}
	}
}

// behind reports whether the kernel takes no more, and more than the next write
// waits. The mutex is held.
func (s *socket) behind() bool {
	return s.deadline && s.queue.bytes > gather || s.queue.bytes > s.o.MaxQueueBytes/2
}

// ease lets the reader go on once the client is not behind any more. The mutex is
// held.
func (s *socket) ease() {
	if s.eased != nil && !s.behind() {
		close(s.eased)
		s.eased = nil
	}
}

// written returns a channel that is closed when nobody writes any more.
func (s *socket) written() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case !s.writing:
		rested := make(chan struct{})
		close(rested)
		return rested
	case s.rested == nil:
		s.rested = make(chan struct{})
	}
	return s.rested
}

// drained waits for the writer and reports whether everything was written.
func (s *socket) drained() bool {
	timer := time.NewTimer(s.o.WriteTimeout)
	defer timer.Stop()
	rested := s.written()
	select {
	case <-rested:
	case <-timer.C:
		_ = s.under.Close() // the writer fails
		<-rested
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	return !s.broken
}

// discard reads until the client's end or the deadline.
func discard(c net.Conn) {
	b := readBuffers.Get().(*[]byte)
	defer putReadBuffer(b)
	for {
		if _, err := c.Read((*b)[:cap(*b)]); err != nil {
			return
		}
	}
}
