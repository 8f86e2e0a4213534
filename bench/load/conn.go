package load

import (
	"bufio"
	"crypto/rand"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
)

// conn is a websocket client that costs as little as a client can: frames are
// built and parsed by hand, masked with zero, and several leave in one write.
type conn struct {
	net.Conn
	r   *bufio.Reader
	out []byte
}

func dial(addr string, d Dialect, n int) (*conn, error) {
	path, subprotocol, token, err := d.request(n)
	if err != nil {
		return nil, err
	}
	nc, err := net.Dial("tcp", addr)
	if err != nil {
		return nil, err
	}
	c := &conn{Conn: nc}
	if err = c.upgrade(addr, path, subprotocol, token); err == nil {
		err = d.greet(c)
	}
	if err != nil {
		_ = nc.Close()
		return nil, err
	}
	return c, nil
}

func (c *conn) upgrade(addr, path, subprotocol, token string) error {
	key := make([]byte, 16)
	_, _ = rand.Read(key) // never fails
	if token != "" {
		token = "Authorization: Bearer " + token + "\r\n"
	}
	_, err := fmt.Fprintf(c, "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"+
		"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: %s\r\nSec-WebSocket-Key: %s\r\n%s\r\n",
		path, addr, subprotocol, base64.StdEncoding.EncodeToString(key), token)
	if err != nil {
		return err
	}
	c.r = bufio.NewReaderSize(c, 4096)
	res, err := http.ReadResponse(c.r, nil)
	if err == nil && res.StatusCode != http.StatusSwitchingProtocols {
		err = fmt.Errorf("upgrade: %s", res.Status)
	}
	return err
}

// queue appends one binary frame to what flush sends.
func (c *conn) queue(payload []byte) {
	const fin, binaryFrame, masked = 0x80, 0x2, 0x80
	switch n := len(payload); {
	case n < 126:
		c.out = append(c.out, fin|binaryFrame, masked|byte(n))
	default:
		c.out = append(c.out, fin|binaryFrame, masked|126)
		c.out = binary.BigEndian.AppendUint16(c.out, uint16(n))
	}
	c.out = append(c.out, 0, 0, 0, 0) // a mask of zero changes nothing
	c.out = append(c.out, payload...)
}

func (c *conn) flush() error {
	if len(c.out) == 0 {
		return nil
	}
	_, err := c.Write(c.out)
	c.out = c.out[:0]
	return err
}

// next returns the payload of the next frame; it is valid until the next call.
func (c *conn) next(buf []byte) ([]byte, error) {
	var head [2]byte
	if _, err := io.ReadFull(c.r, head[:]); err != nil {
		return nil, err
	}
	n := uint64(head[1] & 0x7f)
	switch n {
	case 126:
		var ext [2]byte
		if _, err := io.ReadFull(c.r, ext[:]); err != nil {
			return nil, err
		}
		n = uint64(binary.BigEndian.Uint16(ext[:]))
	case 127:
		var ext [8]byte
		if _, err := io.ReadFull(c.r, ext[:]); err != nil {
			return nil, err
		}
		n = binary.BigEndian.Uint64(ext[:])
	}
	if uint64(cap(buf)) < n {
		buf = make([]byte, n)
	}
	buf = buf[:n]
	if _, err := io.ReadFull(c.r, buf); err != nil {
		return nil, err
	}
	if op := head[0] & 0xf; op == 0x8 {
		return nil, fmt.Errorf("closed by the server: %x", buf)
	}
	return buf, nil
}
