package httpc

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"strconv"
	"time"
)

// firstPause is waited, more or less, before the second try; each further one
// waits twice as long. longest is the greatest pause, also of a server's wish.
const (
	firstPause = 100 * time.Millisecond
	longest    = 5 * time.Second
)

// send tries until there is an answer worth returning.
func (c *Client) send(ctx context.Context, method, path string, body []byte) (int, []byte, error) {
	pause := firstPause
	for try := 1; ; try++ {
		resp, answer, err := c.try(ctx, method, path, body)
		if try >= c.o.Tries || !repeatable(method) || err == nil && !passing(resp.StatusCode) || errors.Is(err, errTooLong) {
			if err != nil {
				return 0, nil, err
			}
			return resp.StatusCode, answer, nil
		}
		wait := pause/2 + rand.N(pause)
		if err == nil {
			wait = max(wait, retryAfter(resp.Header))
		}
		select {
		case <-ctx.Done():
			if err == nil {
				err = fmt.Errorf("%s %s: HTTP status %d", method, path, resp.StatusCode)
			}
			return 0, nil, err
		case <-time.After(min(wait, longest)):
		}
		pause *= 2
	}
}

// repeatable reports whether a request may reach the server twice (RFC 9110,
// 9.2.2).
func repeatable(method string) bool {
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodPut, http.MethodDelete, http.MethodOptions:
		return true
	}
	return false
}

// passing reports whether the status may be another at the next try.
func passing(status int) bool {
	switch status {
	case http.StatusTooManyRequests, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// retryAfter reads the header in seconds; its other form, a date, counts as 0.
func retryAfter(h http.Header) time.Duration {
	n, err := strconv.Atoi(h.Get("Retry-After"))
	if err != nil || n < 0 {
		return 0
	}
	return min(time.Duration(n)*time.Second, longest)
}
