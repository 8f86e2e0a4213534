package nsqtest

import (
	"encoding/binary"
	"fmt"
	"io"
	"strconv"
	"time"
)

// publish is PUB and DPUB.
func (c *conn) publish(args []string, deferred bool) (string, error) {
	var delay time.Duration
	if deferred && len(args) == 2 {
		ms, err := strconv.Atoi(args[1])
		if err != nil || ms < 0 {
			return "", refusal{"E_INVALID", fmt.Sprintf("DPUB delay %q", args[1])}
		}
		delay = time.Duration(ms) * time.Millisecond
		args = args[:1]
	}
	if len(args) != 1 {
		return "", refusal{"E_INVALID", "PUB wants a topic"}
	}
	body, err := c.body(c.server.o.MaxMessage)
	if err != nil {
		return "", err
	}
	if err := c.server.publish(args[0], delay, body); err != nil {
		return "", badName(err)
	}
	return "OK", nil
}

func (c *conn) publishMany(args []string) (string, error) {
	if len(args) != 1 {
		return "", refusal{"E_INVALID", "MPUB wants a topic"}
	}
	body, err := c.body(5 * c.server.o.MaxMessage)
	if err != nil {
		return "", err
	}
	bodies, err := split(body, c.server.o.MaxMessage)
	if err != nil {
		return "", err
	}
	if err := c.server.publish(args[0], 0, bodies...); err != nil {
		return "", badName(err)
	}
	return "OK", nil
}

// split takes the body of MPUB apart.
func split(body []byte, limit int) ([][]byte, error) {
	bad := refusal{"E_BAD_BODY", "MPUB sizes do not add up"}
	if len(body) < 4 {
		return nil, bad
	}
	n := binary.BigEndian.Uint32(body)
	body = body[4:]
	var bodies [][]byte
	for range n {
		if len(body) < 4 {
			return nil, bad
		}
		size := binary.BigEndian.Uint32(body)
		body = body[4:]
		if size == 0 || int64(size) > int64(limit) {
			return nil, refusal{"E_BAD_MESSAGE", fmt.Sprintf("MPUB message of %d bytes, allowed 1 to %d", size, limit)}
		}
		if uint64(size) > uint64(len(body)) {
			return nil, bad
		}
		bodies = append(bodies, body[:size:size])
		body = body[size:]
	}
	if n == 0 || len(body) > 0 {
		return nil, bad
	}
	return bodies, nil
}

// body reads the sized block that follows a command.
func (c *conn) body(limit int) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(c.in, head[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(head[:])
	if size == 0 || int64(size) > int64(limit) {
		return nil, refusal{"E_BAD_MESSAGE", fmt.Sprintf("body of %d bytes, allowed 1 to %d", size, limit)}
	}
	b := make([]byte, size)
	_, err := io.ReadFull(c.in, b)
	return b, err
}
