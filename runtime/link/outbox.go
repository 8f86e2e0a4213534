package link

import (
	"context"
	"errors"
	"runtime"
	"sync"
	"sync/atomic"

	"google.golang.org/grpc/mem"
)

const (
	chunkBytes  = 16 << 10 // what one message on the stream holds, unless a single frame is larger
	directBytes = 32 << 10 // gRPC takes this much without blocking: half of a stream's write quota
	hardBytes   = 64 << 20 // a link that falls so far behind is given up
)

var (
	errFull   = errors.New("the link's queue is full")
	errClosed = errors.New("the link is down")
)

// outbox is what waits to be sent on one stream. Whatever is queued when the
// sender gets its turn goes out together, chunk by chunk; no timer delays it.
//
// Frames are sent by run, or by who flushes where nothing waits: at low load the
// hand-over to another goroutine would cost more than the sending.
type outbox struct {
	limit int // of queued, in bytes
	streamer
	buffers *buffers
	wake    chan struct{} // holds one token while run has something to do
	unsent  atomic.Int64  // bytes that gRPC holds

	mu      sync.Mutex
	chunks  []*[]byte // the last one may be appended to
	queued  int       // bytes in chunks
	sending bool      // somebody calls send
	ending  bool      // finish was called
	closed  bool
	one     packed    // what send is given
	taken   []*[]byte // chunks's other backing array
}

// streamer is the stream that an outbox sends on.
type streamer struct {
	send func(*packed) error // one call at a time
	end  func() error        // ends the sending direction; after the last send
	drop func()              // ends the stream: the other side does not read. It must not block
}

func newOutbox(limit int, b *buffers, s streamer) *outbox {
	return &outbox{limit: limit, streamer: s, buffers: b, wake: make(chan struct{}, 1)}
}

// put queues a frame. Where the queue is full it returns errFull, unless the
// frame must go: those are as many as there are sessions and answers owed, and
// where they are too many even so the stream is dropped. It never blocks; flush
// follows.
func (o *outbox) put(f *frame, must bool) error {
	size := f.appendedSize()
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.closed || o.ending {
		return errClosed
	}
	if !must && o.queued+size > o.limit {
		return errFull
	}
	if o.queued > hardBytes {
		o.closed = true
		o.drop()
		return errFull
	}
	var last *[]byte
	if n := len(o.chunks); n > 0 && len(*o.chunks[n-1])+size <= chunkBytes {
		last = o.chunks[n-1]
	} else {
		last = o.buffers.take(size)
		o.chunks = append(o.chunks, last)
	}
	*last = f.append(*last)
	o.queued += size
	return nil
}

// flush sees to it that what was put gets sent. It sends by itself where direct
// is set and gRPC surely does not block; otherwise run does.
func (o *outbox) flush(direct bool) {
	o.mu.Lock()
	if o.sending || len(o.chunks) == 0 || o.closed {
		o.mu.Unlock()
		return // who sends looks again
	}
	if !direct || o.queued > directBytes || o.unsent.Load() > 0 {
		o.mu.Unlock()
		o.rouse()
		return
	}
	_ = o.transmit() // a broken stream is noticed by its reader
	more := len(o.chunks) > 0 || o.ending
	o.mu.Unlock()
	if more {
		o.rouse()
	}
}

// finish sends what is queued and then ends this direction of the stream. Later
// puts fail.
func (o *outbox) finish() {
	o.mu.Lock()
	o.ending = true
	o.mu.Unlock()
	o.rouse()
}

func (o *outbox) rouse() {
	select {
	case o.wake <- struct{}{}:
	default:
	}
}

// run sends until ctx ends or the stream breaks, and returns why; nil after
// finish. The caller ends the stream then.
func (o *outbox) run(ctx context.Context) error {
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-o.wake:
		}
		runtime.Gosched() // let those who are ready to put do so first
		if ended, err := o.drain(); ended || err != nil {
			return err
		}
	}
}

func (o *outbox) drain() (ended bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for !o.sending && len(o.chunks) > 0 && !o.closed {
		if err := o.transmit(); err != nil {
			return false, err
		}
	}
	if o.ending && !o.sending && !o.closed {
		o.closed = true
		return true, o.end()
	}
	return false, nil
}

// transmit sends the chunks that are queued now. It is called with mu held, and
// leaves it while it sends.
func (o *outbox) transmit() error {
	o.sending = true
	batch := o.chunks
	o.chunks, o.taken = o.taken[:0], batch
	var err error
	for n, chunk := range batch {
		batch[n] = nil
		size := len(*chunk)
		o.unsent.Add(int64(size))
		o.mu.Unlock()
		if err == nil {
			o.one.buf = mem.NewBuffer(chunk, o)
			err = o.send(&o.one)
		}
		o.mu.Lock()
		o.queued -= size
	}
	o.sending = false
	return err
}

// close makes later puts fail and forgets what is queued.
func (o *outbox) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.closed = true
	o.chunks, o.queued = nil, 0
}

// Get implements mem.BufferPool; gRPC does not call it.
func (o *outbox) Get(size int) *[]byte { return o.buffers.take(size) }

// Put implements mem.BufferPool: gRPC has written the chunk.
func (o *outbox) Put(b *[]byte) {
	o.unsent.Add(-int64(len(*b)))
	o.buffers.put(b)
}

// buffers recycles chunks.
type buffers struct{ pool sync.Pool }

// take returns an empty buffer with room for size bytes.
func (b *buffers) take(size int) *[]byte {
	if size <= chunkBytes {
		if c, ok := b.pool.Get().(*[]byte); ok {
			return c
		}
		size = chunkBytes
	}
	c := make([]byte, 0, size)
	return &c
}

// put takes a buffer back, unless it is larger than a chunk.
func (b *buffers) put(c *[]byte) {
	if cap(*c) == chunkBytes {
		*c = (*c)[:0]
		b.pool.Put(c)
	}
}
