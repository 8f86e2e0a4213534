package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/types/dynamicpb"

	"github.com/hawos/hawos/runtime/errcode"
	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/rpc"
	"github.com/hawos/hawos/runtime/wsc"
)

// Refusal is an answer with a code.
type Refusal struct {
	Code uint32
	Name string // of the code; empty: unknown
	Text string
}

// Error shows all three.
func (r *Refusal) Error() string {
	return strings.TrimSpace(fmt.Sprintf("code %d %s: %s", r.Code, r.Name, r.Text))
}

// Call sends the request, a JSON object, to a protocol ID or an rpc, and returns the reply. An answer with a code is a
// *Refusal.
func (c *Client) Call(ctx context.Context, text string, request json.RawMessage) (json.RawMessage, error) {
	t, err := c.find(text)
	if err != nil {
		return nil, err
	}
	if err := t.check(request); err != nil {
		return nil, err
	}
	if t.id == 0 {
		return c.callService(ctx, t, request)
	}
	conn, err := c.dial(ctx, wsc.Options{})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	return c.callID(ctx, conn, t, request)
}

// check finds mistakes that the service would pass over, such as a misspelled field.
func (t target) check(request json.RawMessage) error {
	if !json.Valid(request) {
		return fmt.Errorf("the request is not JSON: %s", request)
	}
	if t.method == nil {
		return nil
	}
	d := t.method.Desc
	if d.IsStreamingClient() || d.IsStreamingServer() {
		return fmt.Errorf("%s %w", d.FullName(), errStreaming)
	}
	if err := protojson.Unmarshal(request, dynamicpb.NewMessage(d.Input())); err != nil {
		return fmt.Errorf("the request is no %s: %w", d.Input().FullName(), err)
	}
	return nil
}

func (c *Client) callID(ctx context.Context, conn *wsc.Client, t target, request json.RawMessage) (json.RawMessage, error) {
	p, err := conn.CallRaw(ctx, t.id, request)
	if err != nil {
		return nil, c.refusal(err)
	}
	if p.Code != 0 {
		return nil, c.refusal(errcode.New(p.Code, p.Error))
	}
	if len(p.Payload) == 0 {
		return json.RawMessage("{}"), nil
	}
	return p.Payload, nil
}

// callService calls an rpc that has no protocol ID as another service of the project does.
func (c *Client) callService(ctx context.Context, t target, request json.RawMessage) (json.RawMessage, error) {
	in, out := dynamicpb.NewMessage(t.method.Desc.Input()), dynamicpb.NewMessage(t.method.Desc.Output())
	if err := protojson.Unmarshal(request, in); err != nil {
		return nil, err
	}
	path := fmt.Sprintf("/%s/%s", t.method.Service.Desc.FullName(), t.method.Desc.Name())
	err := c.invoke(ctx, t.method.Service.App, func(conn grpcConn) error { return conn.Invoke(ctx, path, in, out) })
	if err != nil {
		return nil, err
	}
	return protojson.MarshalOptions{UseProtoNames: true, EmitDefaultValues: true}.Marshal(out)
}

// invoke calls f with a connection to a ready instance of the app.
func (c *Client) invoke(ctx context.Context, app string, f func(grpcConn) error) error {
	instances, err := c.Instances(ctx)
	if err != nil {
		return err
	}
	var addrs []string
	for _, i := range instances {
		if i.App == app && i.State == registry.Ready {
			addrs = append(addrs, i.Address)
		}
	}
	if len(addrs) == 0 {
		return fmt.Errorf("no instance of %s is ready; see hawosgen routes --live", app)
	}
	tls, err := c.config.RPC.TLS.Client()
	if err != nil {
		return fmt.Errorf("rpc.tls: %w", err)
	}
	d := rpc.NewDialer(rpc.DialerOptions{Token: c.config.RPC.Token, TLS: tls})
	conn, err := d.Dial("direct:///" + strings.Join(addrs, ","))
	if err != nil {
		return errors.Join(err, d.Close())
	}
	if err := f(conn); err != nil {
		return errors.Join(c.refusal(err), d.Close())
	}
	return d.Close()
}

// refusal turns an error of the runtime into a Refusal, with the code's name and without what is for logs.
func (c *Client) refusal(err error) error {
	e := errcode.From(err)
	r := &Refusal{Code: e.Code(), Name: c.codeName(e.Code()), Text: e.Text()}
	if r.Name == "" && r.Code <= uint32(codes.Unauthenticated) {
		r.Name = codes.Code(r.Code).String()
	}
	return r
}
