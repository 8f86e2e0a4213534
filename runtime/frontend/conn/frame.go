package conn

import (
	"encoding/binary"
	"sync"
	"unicode/utf8"

	"github.com/gorilla/websocket"

	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/wire"
)

// A server's frame is not masked (RFC 6455, 5.1): a header of 2, 4 or 10 bytes,
// then the message as it is.
const maxHeader = 10

const finalFrame = 0x80

// putHeader writes the header of a frame into the end of the first maxHeader
// bytes of b, whose rest is the message, and returns where it begins.
func putHeader(b []byte, kind int) int {
	switch n := len(b) - maxHeader; {
	case n < 126:
		b[8], b[9] = finalFrame|byte(kind), byte(n)
		return 8
	case n < 1<<16:
		b[6], b[7] = finalFrame|byte(kind), 126
		binary.BigEndian.PutUint16(b[8:], uint16(n))
		return 6
	default:
		b[0], b[1] = finalFrame|byte(kind), 127
		binary.BigEndian.PutUint64(b[2:], uint64(n))
		return 0
	}
}

// Delivery says what becomes of a message whose receiver is slow.
type Delivery struct {
	Class   route.Class
	Key     string // what route.Latest keeps one message of, together with the protocol ID
	Expires int64  // Unix ms; 0 is never
}

// Message is a push as all of its receivers with one encoding get it. It is
// encoded once and immutable.
type Message struct {
	frame    []byte
	id       uint32
	delivery Delivery
}

// NewMessage encodes the packet, which may be used again afterwards.
func NewMessage(e wire.Encoding, p *wire.Packet, d Delivery) *Message {
	b := e.AppendPacket(make([]byte, maxHeader, maxHeader+len(p.Payload)+32), p)
	return &Message{frame: b[putHeader(b, messageKind(e)):], id: p.ID, delivery: d}
}

// frame is a frame for one receiver, in a pooled buffer.
type frame struct {
	b     []byte
	start int
}

func (f *frame) bytes() []byte { return f.b[f.start:] }

var frames = sync.Pool{New: func() any { return &frame{b: make([]byte, 0, 128)} }}

func newFrame() *frame {
	f := frames.Get().(*frame)
	f.b = append(f.b[:0], make([]byte, maxHeader)...)
	return f
}

func packetFrame(e wire.Encoding, p *wire.Packet) *frame {
	f := newFrame()
	f.b = e.AppendPacket(f.b, p)
	f.start = putHeader(f.b, messageKind(e))
	return f
}

// maxReason is how many bytes of text go with a close code: a control frame holds
// 125.
const maxReason = 123

// clip returns at most n bytes of the text, and whole characters: clients fail a
// connection for half a one.
func clip(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}

func closeFrame(code int, text string) *frame {
	f := newFrame()
	f.b = append(f.b, websocket.FormatCloseMessage(code, clip(text, maxReason))...)
	f.start = putHeader(f.b, websocket.CloseMessage)
	return f
}

func (f *frame) free() {
	if cap(f.b) <= keptBuffer {
		frames.Put(f)
	}
}
