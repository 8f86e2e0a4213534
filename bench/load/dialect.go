package load

import (
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/jwt"
	"github.com/hawos/hawos/runtime/wire"
)

// Protocol IDs that the measured systems answer.
const (
	EchoID uint32 = 1000
	JoinID uint32 = 1001 // makes the session a member of Group
	PushID uint32 = 1002
)

// Group is who pushes go to.
const Group = "all"

// Secret signs the logins. It is no secret: everything is on loopback.
const Secret = "only-for-measuring-on-this-machine"

// Text is what a request says: with it the payload has 64 bytes.
const Text = "sixty-four bytes of payload with the tag and length of a field"

func payload() []byte {
	b, _ := proto.Marshal(&hawospb.Notice{Text: Text}) // cannot fail
	return b
}

// Dialect is what a connection says before it is used.
type Dialect string

// The dialects.
const (
	Plain      Dialect = "plain"      // packets, no login
	Hawos      Dialect = "hawos"      // packets after a login by token
	Member     Dialect = "member"     // likewise, and joins Group
	Centrifuge Dialect = "centrifuge" // its own protocol; the server subscribes
)

// request returns the path, subprotocol and token of the upgrade.
func (d Dialect) request(n int) (path, subprotocol, token string, err error) {
	switch d {
	case Centrifuge:
		return "/connection/websocket", "centrifuge-protobuf", "", nil
	case Hawos, Member:
		var keys *jwt.Keys
		if keys, err = jwt.New(config.JWT{Secret: Secret, TTL: time.Hour, Issuer: "bench"}); err != nil {
			return "", "", "", err
		}
		token, err = keys.Sign(fmt.Sprintf("u%d", n), time.Hour)
	}
	return "/ws", wire.SubprotocolProto, token, err
}

// greet says and hears what comes before the first request.
func (d Dialect) greet(c *conn) error {
	switch d {
	case Centrifuge:
		c.queue([]byte{4, 0x08, 1, 0x22, 0}) // length, then Command{id: 1, connect: {}}
		if err := c.flush(); err != nil {
			return err
		}
		_, err := c.next(nil)
		return err
	case Hawos, Member:
		if err := c.ok(); err != nil { // the reply to the login comes unasked
			return fmt.Errorf("login: %w", err)
		}
	}
	if d != Member {
		return nil
	}
	join := wire.Packet{ID: JoinID, Seq: 1}
	c.queue(join.Append(nil))
	if err := c.flush(); err != nil {
		return err
	}
	if err := c.ok(); err != nil {
		return fmt.Errorf("join: %w", err)
	}
	return nil
}

// ok reads one packet, which must be no refusal.
func (c *conn) ok() error {
	b, err := c.next(nil)
	if err != nil {
		return err
	}
	var p wire.Packet
	if err := p.Unmarshal(b); err != nil {
		return err
	}
	if p.Code != 0 {
		return fmt.Errorf("code %d: %s", p.Code, p.Error)
	}
	return nil
}
