package wsc

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/wire"
)

const (
	writeTimeout = 10 * time.Second
	// defaultHeartbeat holds where no login says how often to send.
	defaultHeartbeat = 15 * time.Second
)

// conn is one connection of a client.
type conn struct {
	client *Client
	ws     *websocket.Conn
	loops  sync.WaitGroup
	login  chan *hawospb.LoginReply // takes the reply that comes unasked
	goAway chan time.Duration       // takes how long to stay away

	refusal error // of the login; only read uses it

	writing sync.Mutex
	buffer  []byte

	mu      sync.Mutex
	waiting map[uint32]chan<- wire.Packet // by seq; each takes one
	retired chan struct{}                 // not nil: no call begins any more; closed when none waits
	settled sync.Once                     // closes retired
	err     error                         // why the connection ended
	done    chan struct{}                 // closed then
}

// read hands out what comes until the connection ends.
func (n *conn) read() {
	for {
		_, message, err := n.ws.ReadMessage()
		if err != nil {
			n.fail(n.ended(err))
			return
		}
		var p wire.Packet
		if err := n.client.encoding.UnmarshalPacket(message, &p); err != nil {
			n.fail(fmt.Errorf("from the frontend: %w", err))
			return
		}
		n.receive(p)
	}
}

func (n *conn) receive(p wire.Packet) {
	switch {
	case p.Seq != 0:
		n.mu.Lock()
		reply := n.waiting[p.Seq]
		n.forget(p.Seq)
		n.mu.Unlock()
		if reply != nil { // else the call has timed out
			reply <- p
		}
	case p.ID == wire.IDLogin && p.Code != 0:
		n.refusal = refusal(&p) // the close frame follows
	case p.ID == wire.IDLogin:
		reply := new(hawospb.LoginReply)
		if err := n.client.encoding.Unmarshal(p.Payload, reply); err != nil {
			n.fail(fmt.Errorf("login reply: %w", err))
			return
		}
		select {
		case n.login <- reply:
		default:
		}
	case p.ID == wire.IDGoAway:
		var m hawospb.GoAway
		if err := n.client.encoding.Unmarshal(p.Payload, &m); err == nil {
			select {
			case n.goAway <- time.Duration(m.GetReconnectAfterMs()) * time.Millisecond:
			default:
			}
		}
	default:
		n.client.pushes.put(p.ID, p.Payload, n.done)
	}
}

// ended returns the read error as the reason why the connection ended.
func (n *conn) ended(err error) error {
	var c *websocket.CloseError
	if errors.As(err, &c) {
		return &Closed{Code: c.Code, Reason: c.Text, refusal: n.refusal}
	}
	return fmt.Errorf("connection lost: %w", err)
}

// fail ends the connection for the given reason: whoever waits for a reply hears
// of it through done.
func (n *conn) fail(err error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.err == nil {
		n.err = err
		close(n.done)
		n.ws.Close()
	}
}

// close ends the connection with a close frame and waits for its goroutines.
func (n *conn) close(err error) {
	bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = n.ws.WriteControl(websocket.CloseMessage, bye, time.Now().Add(time.Second)) // it may be gone already
	n.fail(err)
	n.loops.Wait()
}

// send writes one packet.
func (n *conn) send(p *wire.Packet) error {
	kind := websocket.BinaryMessage
	if n.client.encoding == wire.JSON {
		kind = websocket.TextMessage
	}
	n.writing.Lock()
	defer n.writing.Unlock()
	n.buffer = n.client.encoding.AppendPacket(n.buffer[:0], p)
	err := n.ws.SetWriteDeadline(time.Now().Add(writeTimeout))
	if err == nil {
		err = n.ws.WriteMessage(kind, n.buffer)
	}
	if err != nil {
		n.fail(fmt.Errorf("connection lost: %w", err))
	}
	return err
}

// heartbeat keeps the connection from idling, and ends it when the frontend does
// not answer any more.
func (n *conn) heartbeat(login *hawospb.LoginReply) {
	every := defaultHeartbeat
	if ms := login.GetHeartbeatMs(); ms > 0 {
		every = time.Duration(ms) * time.Millisecond
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-n.done:
			return
		case <-tick.C:
		}
		ctx, cancel := context.WithTimeout(context.Background(), 2*every)
		_, err := n.call(ctx, &wire.Packet{ID: wire.IDPing})
		cancel()
		if err != nil {
			n.fail(fmt.Errorf("no answer to a ping within %v", 2*every))
			return
		}
	}
}
