// Package httpc calls HTTP APIs of others: each try has a timeout, a call that
// may be repeated is, and JSON takes and gives structs. It is net/http
// underneath; who needs more takes that.
package httpc

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"google.golang.org/grpc/codes"

	"github.com/hawos/hawos/runtime/errcode"
)

// Options of a client. The zero value is the defaults.
type Options struct {
	Timeout  time.Duration     // of one try, from dialing to the body's end; 0: 10s
	Tries    int               // of a call that may be repeated; 0: 3, 1: none is repeated
	MaxBytes int64             // of an answer's body; 0: 8 MiB
	Header   http.Header       // sent with each request
	Base     http.RoundTripper // nil: a transport of the client's own
}

// Client calls one API. Its methods may be called concurrently.
type Client struct {
	base string
	o    Options
	http http.Client
}

// New returns a client of the API below the base URL, http://host:port/api.
// Close ends it.
func New(base string, o Options) *Client {
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Tries <= 0 {
		o.Tries = 3
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 8 << 20
	}
	if o.Base == nil {
		o.Base = http.DefaultTransport.(*http.Transport).Clone()
	}
	return &Client{base: strings.TrimSuffix(base, "/"), o: o, http: http.Client{Transport: o.Base, Timeout: o.Timeout}}
}

// Close lets go of idle connections.
func (c *Client) Close() { c.http.CloseIdleConnections() }

// JSON sends in as JSON (nil: no body) and reads the answer into out (nil: it is
// passed over). A refusal in the form of package httpapi is returned as an
// *errcode.Error with its code, another as one with the code nearest to the
// status; an answer that never came is Unavailable or DeadlineExceeded, one above
// MaxBytes ResourceExhausted.
func (c *Client) JSON(ctx context.Context, method, path string, in, out any) error {
	var body []byte
	if in != nil {
		var err error
		if body, err = json.Marshal(in); err != nil {
			return fmt.Errorf("%s %s: %w", method, path, err)
		}
	}
	status, answer, err := c.send(ctx, method, path, body)
	if err != nil {
		return unanswered(ctx, err)
	}
	if status < 200 || status > 299 {
		return refusal(status, answer)
	}
	if out == nil || len(bytes.TrimSpace(answer)) == 0 {
		return nil
	}
	if err := json.Unmarshal(answer, out); err != nil {
		return fmt.Errorf("%s %s: the answer: %w", method, path, err)
	}
	return nil
}

// Get is JSON without a body.
func (c *Client) Get(ctx context.Context, path string, out any) error {
	return c.JSON(ctx, http.MethodGet, path, nil, out)
}

// Post is JSON with the method POST, which is never repeated.
func (c *Client) Post(ctx context.Context, path string, in, out any) error {
	return c.JSON(ctx, http.MethodPost, path, in, out)
}

// errTooLong ends a call: the answer would be as long at the next try.
var errTooLong = errors.New("the answer is above the limit")

// try sends the request once.
func (c *Client) try(ctx context.Context, method, path string, body []byte) (*http.Response, []byte, error) {
	r, err := http.NewRequestWithContext(ctx, method, c.base+path, bytes.NewReader(body))
	if err != nil {
		return nil, nil, err
	}
	for key, values := range c.o.Header {
		r.Header[key] = values
	}
	r.Header.Set("Accept", "application/json")
	if body != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	resp, err := c.http.Do(r)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	answer, err := io.ReadAll(io.LimitReader(resp.Body, c.o.MaxBytes+1))
	if err == nil && int64(len(answer)) > c.o.MaxBytes {
		err = fmt.Errorf("%s %s: %w of %d bytes", method, path, errTooLong, c.o.MaxBytes)
	}
	return resp, answer, err
}

func unanswered(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errcode.From(ctx.Err()).Because(err)
	}
	if errors.Is(err, errTooLong) {
		return errcode.New(codes.ResourceExhausted, "answer too long").Because(err)
	}
	return errcode.New(codes.Unavailable, "no answer").Because(err)
}

// refusal reads {"code", "error"}, or makes do with the status.
func refusal(status int, answer []byte) error {
	var p struct {
		Code  uint32 `json:"code"`
		Error string `json:"error"`
	}
	if err := json.Unmarshal(answer, &p); err == nil && p.Code != 0 {
		return errcode.New(p.Code, p.Error)
	}
	text := fmt.Sprintf("HTTP status %d %s", status, http.StatusText(status))
	return errcode.New(codeOf(status), text)
}

func codeOf(status int) codes.Code {
	switch status {
	case http.StatusBadRequest:
		return codes.InvalidArgument
	case http.StatusUnauthorized:
		return codes.Unauthenticated
	case http.StatusForbidden:
		return codes.PermissionDenied
	case http.StatusNotFound:
		return codes.NotFound
	case http.StatusConflict:
		return codes.Aborted
	case http.StatusTooManyRequests:
		return codes.ResourceExhausted
	case http.StatusBadGateway, http.StatusServiceUnavailable:
		return codes.Unavailable
	case http.StatusGatewayTimeout:
		return codes.DeadlineExceeded
	}
	return codes.Unknown
}
