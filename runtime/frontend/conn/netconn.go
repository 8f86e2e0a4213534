package conn

import (
	"encoding/binary"
	"errors"
	"net"
	"time"

	"github.com/gorilla/websocket"

	"github.com/hawos/hawos/runtime/wire"
)

// netConn is the net.Conn that the websocket library reads and writes. What the
// library writes, control frames, joins the queue like everything else.
type netConn struct{ s *socket }

// Read implements net.Conn. The deadline is set anew only when it has passed, so
// that a busy connection costs no timer.
func (n netConn) Read(p []byte) (int, error) {
	s := n.s
	for {
		got, err := s.under.Read(p)
		if got > 0 {
			s.Touch()
			return got, nil
		}
		var timeout net.Error
		if !errors.As(err, &timeout) || !timeout.Timeout() || s.closing.Load() {
			return 0, err
		}
		end := time.Unix(0, s.lastRead.Load()).Add(s.o.IdleTimeout)
		if !time.Now().Before(end) || !s.extend(end) {
			return 0, err
		}
	}
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
