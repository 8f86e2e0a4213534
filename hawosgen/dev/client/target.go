package client

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/hawos/hawos/hawosgen/schema"
)

// target is what is called: a protocol ID, an rpc of the schema, or both.
type target struct {
	id     uint32         // 0: by gRPC
	method *schema.Method // nil: the schema does not know the ID
}

// find reads a protocol ID, or an rpc by its full name (chat.v1.Chat.Send) or the end of it (Chat.Send).
func (c *Client) find(text string) (target, error) {
	if id, err := strconv.ParseUint(text, 10, 32); err == nil {
		t := target{id: uint32(id)}
		c.methods(func(m *schema.Method) {
			if m.ID == t.id {
				t.method = m
			}
		})
		return t, nil
	}
	if c.schema == nil {
		return target{}, fmt.Errorf("%q is no protocol ID, and names are not known: %w", text, c.faults)
	}
	var found []*schema.Method
	c.methods(func(m *schema.Method) {
		if name := string(m.Desc.FullName()); name == text || strings.HasSuffix(name, "."+text) {
			found = append(found, m)
		}
	})
	switch len(found) {
	case 0:
		return target{}, fmt.Errorf("no rpc is called %q; see hawosgen routes", text)
	case 1:
		return target{id: found[0].ID, method: found[0]}, nil
	}
	names := make([]string, len(found))
	for i, m := range found {
		names[i] = string(m.Desc.FullName())
	}
	return target{}, fmt.Errorf("%q may be %s", text, strings.Join(names, " or "))
}

func (c *Client) methods(f func(*schema.Method)) {
	if c.schema == nil {
		return
	}
	for _, s := range c.schema.Services {
		for _, m := range s.Methods {
			f(m)
		}
	}
}

// pushName returns the full name of the message with the push ID; empty where the schema does not know it.
func (c *Client) pushName(id uint32) string {
	if c.schema != nil {
		for _, p := range c.schema.Pushes {
			if p.ID == id {
				return string(p.Desc.FullName())
			}
		}
	}
	return ""
}

// codeName returns the name of a typed error of the project; empty where the schema does not know it.
func (c *Client) codeName(code uint32) string {
	if c.schema != nil {
		for _, e := range c.schema.Errors {
			for _, v := range e.Values {
				if v.Code == code {
					return string(v.Desc.Name())
				}
			}
		}
	}
	return ""
}

var errStreaming = errors.New("is a stream; hawosgen call makes one request and shows one reply")
