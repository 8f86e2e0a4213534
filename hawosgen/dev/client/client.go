// Package client is hawosgen as a client of a project that runs: it calls rpcs, as a player's client over the
// websocket where they have a protocol ID and as another service by gRPC where not, hears pushes, and asks the
// registry who is alive. Requests, replies and pushes are JSON. Start from Dial, Call, Listen and Instances.
package client

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/hawos/hawos/hawosgen/dev"
	"github.com/hawos/hawos/hawosgen/generate"
	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/hawosgen/schema"
	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/jwt"
	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/registry/etcd"
	"github.com/hawos/hawos/runtime/wsc"
)

// Options say who calls, and where.
type Options struct {
	// UID logs in with a token that is signed with the project's own secret. Default: hawosgen.
	UID string
	// Token logs in instead, if it is not empty.
	Token string
	// URL of the frontend. Default: that of the running project.
	URL string
}

// tokenTTL is how long the tokens that hawosgen signs for itself are valid.
const tokenTTL = time.Hour

// Client calls a project.
type Client struct {
	o      Options
	schema *schema.Schema // nil outside a project, or where it does not compile
	faults error          // why it is nil
	config config.Config
	url    string
}

// New returns the client of a project. Outside one, p is nil: then o must have a token and a URL, and only protocol
// IDs can be called.
func New(ctx context.Context, p *project.Project, o Options) (*Client, error) {
	if o.UID == "" {
		o.UID = "hawosgen"
	}
	c := &Client{o: o, url: o.URL, faults: project.ErrNone}
	if p == nil {
		if o.Token == "" || o.URL == "" {
			return nil, fmt.Errorf("%w; outside a project give --url and --token", project.ErrNone)
		}
		return c, nil
	}
	var err error
	var url string
	if c.config, url, err = dev.Settings(p); err != nil {
		return nil, err
	}
	if c.url == "" {
		c.url = url
	}
	c.schema, c.faults = compile(ctx, p)
	return c, nil
}

func compile(ctx context.Context, p *project.Project) (*schema.Schema, error) {
	c, err := generate.Config(p)
	if err != nil {
		return nil, err
	}
	s, faults := schema.Compile(ctx, c)
	if len(faults) > 0 {
		return nil, fmt.Errorf("the project's protos have %d faults; see hawosgen proto", len(faults))
	}
	return s, nil
}

// dial connects to the frontend over the JSON subprotocol and logs in.
func (c *Client) dial(ctx context.Context, o wsc.Options) (*wsc.Client, error) {
	o.JSON, o.Token = true, c.o.Token
	if o.Token == "" {
		keys, err := jwt.New(c.config.JWT)
		if err != nil {
			return nil, err
		}
		if o.Token, err = keys.Sign(c.o.UID, tokenTTL); err != nil {
			return nil, err
		}
	}
	conn, err := wsc.Dial(ctx, c.url, o)
	if unreachable := new(net.OpError); errors.As(err, &unreachable) {
		return nil, fmt.Errorf("%w (does the project run? see hawosgen status)", err)
	}
	return conn, err
}

// Instances returns who is alive, as etcd says now.
func (c *Client) Instances(ctx context.Context) ([]registry.Instance, error) {
	r, err := etcd.Open(ctx, c.config, slog.New(slog.DiscardHandler))
	if err != nil {
		return nil, fmt.Errorf("%w (does the project run? see hawosgen status)", err)
	}
	var found []registry.Instance
	// The first call comes before Watch returns.
	stop, err := r.Watch(ctx, func(all []registry.Instance) {
		if found == nil {
			found = all
		}
	})
	if err == nil {
		stop()
	}
	return found, errors.Join(err, r.Close())
}
