package wsc

import (
	"context"

	"google.golang.org/protobuf/proto"
)

// message is a pointer to M that is a proto message.
type message[M any] interface {
	*M
	proto.Message
}

// Call is Client.Call for a reply of a known type. The generated callers use it.
func Call[Reply any, P message[Reply]](ctx context.Context, c *Client, id uint32, in proto.Message) (*Reply, error) {
	out := new(Reply)
	if err := c.Call(ctx, id, in, P(out)); err != nil {
		return nil, err
	}
	return out, nil
}

// On is Client.On for pushes of a known type. The generated OnX functions use
// it.
func On[M any, P message[M]](c *Client, id uint32, f func(P)) {
	c.On(id, func() proto.Message { return P(new(M)) }, func(m proto.Message) { f(m.(P)) })
}
