package supervise

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"time"
)

// Probe finds out whether a program can do its work. The zero Probe is satisfied at once.
type Probe struct {
	// URL must answer 200.
	URL string `json:"url,omitempty"`
	// Dial are TCP addresses that must take connections.
	Dial []string `json:"dial,omitempty"`
}

// probeTimeout bounds one look.
const probeTimeout = 2 * time.Second

// Check looks once; nil: it is ready.
func (p Probe) Check(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	for _, addr := range p.Dial {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if err != nil {
			return err
		}
		conn.Close()
	}
	if p.URL == "" {
		return nil
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, p.URL, nil)
	if err != nil {
		return err
	}
	// A transport of its own: no connection is left open that would hold up the program's end.
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		body, _ := io.ReadAll(io.LimitReader(resp.Body, 300))
		return fmt.Errorf("%s: %s: %s", p.URL, resp.Status, strings.TrimSpace(string(body)))
	}
	return nil
}

// await checks until the program is ready, ctx ends or gone is closed, and returns the last check's error.
func (p Probe) await(ctx context.Context, gone <-chan struct{}) error {
	const every = 40 * time.Millisecond
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		err := p.Check(ctx)
		if err == nil {
			return nil
		}
		select {
		case <-gone:
			return err
		case <-ctx.Done():
			return err
		case <-tick.C:
		}
	}
}
