package conn

import (
	"encoding/binary"
	"net"
	"time"

	"github.com/gorilla/websocket"

	"github.com/hawos/hawos/runtime/wire"
)

// netConn is the net.Conn that the websocket library reads and writes. What the
// library writes, control frames, joins the queue like everything else.
type netConn struct{ s *socket }

// Read implements net.Conn.
func (n netConn) Read(p []byte) (int, error) {
	if n.s.in.empty() {
		if err := n.s.fill(); err != nil {
			return 0, err
		}
	}
	return n.s.in.take(p), nil
}

// Write implements net.Conn for the library, which writes one whole control
// frame a time, after its answer to the upgrade.
func (n netConn) Write(p []byte) (int, error) {
	s := n.s
	if !s.upgraded {
		return s.under.Write(p)
	}
	if p[0]&0x0f == websocket.CloseMessage {
		code := websocket.CloseNoStatusReceived
		if len(p) >= 4 {
			code = int(binary.BigEndian.Uint16(p[2:]))
		}
		s.Close(code, "")
		return len(p), nil
	}
	f := newFrame()
	f.b, f.start = append(f.b, p...), maxHeader
	switch s.add(f) {
	case tooSlow:
		s.Close(wire.CloseTooSlow, errTooSlow.Error())
		return 0, errTooSlow
	case dropped:
		return 0, errClosing
	}
	s.Flush()
	return len(p), nil
}

// Close implements net.Conn, for an upgrade that fails.
func (n netConn) Close() error { return n.s.under.Close() }

// LocalAddr implements net.Conn.
func (n netConn) LocalAddr() net.Addr { return n.s.under.LocalAddr() }

// RemoteAddr implements net.Conn.
func (n netConn) RemoteAddr() net.Addr { return n.s.under.RemoteAddr() }

// SetDeadline implements net.Conn. The library clears the HTTP server's.
func (n netConn) SetDeadline(t time.Time) error { return n.s.under.SetDeadline(t) }

// SetReadDeadline implements net.Conn.
func (n netConn) SetReadDeadline(t time.Time) error { return n.s.under.SetReadDeadline(t) }

// SetWriteDeadline implements net.Conn: the library's writes do not wait.
func (netConn) SetWriteDeadline(time.Time) error { return nil }
