package nsqtest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// maxReady is what a client may ask for at once.
const maxReady = 2500

// refusal is an error that the client hears, after which it is disconnected.
type refusal struct{ code, text string }

func (r refusal) Error() string { return r.code + " " + r.text }

// command runs one line of the client, whose body follows on the connection.
func (c *conn) command(line string) error {
	words := strings.Split(strings.TrimSuffix(line, "\r"), " ")
	name, args := words[0], words[1:]
	var reply string
	var err error
	switch name {
	case "IDENTIFY":
		reply, err = c.identify()
	case "AUTH":
		reply, err = c.auth()
	case "SUB":
		reply, err = c.subscribe(args)
	case "RDY":
		err = c.ready(args)
	case "FIN", "REQ", "TOUCH":
		err = c.answer(name, args)
	case "CLS":
		reply, err = c.startClose()
	case "NOP":
	case "PUB", "DPUB":
		reply, err = c.publish(args, name == "DPUB")
	case "MPUB":
		reply, err = c.publishMany(args)
	default:
		err = refusal{"E_INVALID", fmt.Sprintf("invalid command %q", name)}
	}
	var r refusal
	if errors.As(err, &r) {
		c.reply(typeError, r.Error())
		if strings.HasSuffix(r.code, "_FAILED") {
			return nil // these leave the connection open
		}
	}
	if err == nil && reply != "" {
		c.reply(typeResponse, reply)
	}
	return err
}

func (c *conn) identify() (string, error) {
	body, err := c.body(1 << 20)
	if err != nil {
		return "", err
	}
	var in struct {
		Negotiate   bool  `json:"feature_negotiation"`
		HeartbeatMS int64 `json:"heartbeat_interval"`
		TimeoutMS   int64 `json:"msg_timeout"`
	}
	if err := json.Unmarshal(body, &in); err != nil {
		return "", refusal{"E_BAD_BODY", "IDENTIFY " + err.Error()}
	}
	switch {
	case in.HeartbeatMS == -1:
		c.heartbeat = 0
	case in.HeartbeatMS > 0:
		c.heartbeat = time.Duration(in.HeartbeatMS) * time.Millisecond
	}
	c.mu.Lock()
	c.beat = c.heartbeat
	c.mu.Unlock()
	c.server.mu.Lock()
	if in.TimeoutMS > 0 {
		c.timeout = time.Duration(in.TimeoutMS) * time.Millisecond
	}
	timeout := c.timeout
	c.server.mu.Unlock()
	if !in.Negotiate {
		return "OK", nil
	}
	out, err := json.Marshal(map[string]any{
		"version": version, "max_rdy_count": maxReady, "msg_timeout": timeout.Milliseconds(),
		"max_msg_timeout": (15 * time.Minute).Milliseconds(), "tls_v1": false, "deflate": false, "snappy": false,
		"auth_required": false, "sample_rate": 0, "output_buffer_size": -1, "output_buffer_timeout": 0,
	})
	return string(out), err
}

// auth accepts every secret.
func (c *conn) auth() (string, error) {
	if _, err := c.body(1 << 20); err != nil {
		return "", err
	}
	return `{"identity":"","identity_url":"","permission_count":1}`, nil
}

func (c *conn) subscribe(args []string) (string, error) {
	if len(args) != 2 {
		return "", refusal{"E_INVALID", "SUB wants a topic and a channel"}
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if c.channel != nil {
		return "", refusal{"E_INVALID", "SUB in a subscribed state"}
	}
	ch, err := c.server.channel(args[0], args[1])
	if err != nil {
		return "", badName(err)
	}
	c.channel = ch
	ch.clients = append(ch.clients, c)
	return "OK", nil
}

func badName(err error) error {
	if strings.HasPrefix(err.Error(), "channel") {
		return refusal{"E_BAD_CHANNEL", err.Error()}
	}
	return refusal{"E_BAD_TOPIC", err.Error()}
}

func (c *conn) ready(args []string) error {
	n := 1
	if len(args) > 0 {
		var err error
		if n, err = strconv.Atoi(args[0]); err != nil || n < 0 || n > maxReady {
			return refusal{"E_INVALID", fmt.Sprintf("RDY count %q", args[0])}
		}
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if c.channel == nil {
		return refusal{"E_INVALID", "RDY before SUB"}
	}
	if !c.closing {
		c.rdy = n
		c.channel.pump()
	}
	return nil
}

// answer is FIN, REQ and TOUCH.
func (c *conn) answer(name string, args []string) error {
	var id messageID
	if len(args) == 0 || len(args[0]) != len(id) {
		return refusal{"E_INVALID", name + " wants a message ID"}
	}
	copy(id[:], args[0])
	var delay time.Duration
	if name == "REQ" {
		ms, err := strconv.Atoi(args[len(args)-1])
		if err != nil || len(args) != 2 {
			return refusal{"E_INVALID", "REQ wants a delay"}
		}
		delay = time.Duration(ms) * time.Millisecond
	}
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if c.channel == nil {
		return refusal{"E_INVALID", name + " before SUB"}
	}
	if f := c.channel.flights[id]; name == "TOUCH" && f != nil && f.client == c {
		f.until = time.Now().Add(c.timeout)
		return nil
	}
	m, ok := c.channel.land(c, id)
	if !ok {
		return refusal{"E_" + name + "_FAILED", fmt.Sprintf("%s %s: not in flight", name, id[:])}
	}
	if name == "REQ" {
		c.channel.requeue(m, delay)
	}
	c.channel.pump()
	return nil
}

func (c *conn) startClose() (string, error) {
	c.server.mu.Lock()
	defer c.server.mu.Unlock()
	if c.channel == nil {
		return "", refusal{"E_INVALID", "CLS before SUB"}
	}
	c.rdy, c.closing = 0, true
	return "CLOSE_WAIT", nil
}
