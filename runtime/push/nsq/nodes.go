package nsq

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// node is one nsqd.
type node struct {
	tcp, http string // host:port
}

// known returns all nsqds.
func (b *Broker) known() []node {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Collect(maps.Values(b.nodes))
}

// watch finds nsqds that come and go.
func (b *Broker) watch(ctx context.Context) {
	t := time.NewTicker(b.o.Refresh)
	defer t.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-t.C:
		}
		if err := b.discover(ctx); err != nil {
			b.o.Log.Warn("lookupd does not answer; the known nsqds are used on", "error", err)
			continue
		}
		b.mu.Lock()
		subs := slices.Collect(maps.Keys(b.subs))
		b.mu.Unlock()
		for _, s := range subs {
			s.follow(ctx)
		}
	}
}

// discover asks the lookupds for all nsqds. One answer is enough.
func (b *Broker) discover(ctx context.Context) error {
	found := map[string]node{}
	var errs []error
	for _, address := range b.o.Lookupd {
		nodes, err := b.nodesOf(ctx, address)
		if err != nil {
			errs = append(errs, err)
			continue
		}
		for _, n := range nodes {
			found[n.tcp] = n
		}
	}
	if len(b.o.Lookupd) > 0 && len(errs) == len(b.o.Lookupd) {
		return errors.Join(errs...)
	}
	if b.o.NSQD != "" {
		n, ok := found[b.o.NSQD]
		if b.o.HTTP != "" {
			n.http = b.o.HTTP
		} else if !ok {
			n.http = nextPort(b.o.NSQD)
		}
		n.tcp = b.o.NSQD
		found[n.tcp] = n
	}
	b.mu.Lock()
	b.nodes = found
	b.mu.Unlock()
	return nil
}

func (b *Broker) nodesOf(ctx context.Context, lookupd string) ([]node, error) {
	var answer struct {
		Producers []struct {
			Address string `json:"broadcast_address"`
			TCP     int    `json:"tcp_port"`
			HTTP    int    `json:"http_port"`
		} `json:"producers"`
	}
	if err := b.call(ctx, http.MethodGet, lookupd, "/nodes", nil, &answer); err != nil {
		return nil, fmt.Errorf("ask lookupd: %w", err)
	}
	var nodes []node
	for _, p := range answer.Producers {
		nodes = append(nodes, node{
			tcp:  net.JoinHostPort(p.Address, strconv.Itoa(p.TCP)),
			http: net.JoinHostPort(p.Address, strconv.Itoa(p.HTTP)),
		})
	}
	return nodes, nil
}

// nextPort returns the address with the port after its own.
func nextPort(address string) string {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return address
	}
	n, err := strconv.Atoi(port)
	if err != nil {
		return address
	}
	return net.JoinHostPort(host, strconv.Itoa(n+1))
}

// errNotFound is call's answer 404.
var errNotFound = errors.New("not found")

// call calls an HTTP API and decodes its answer into out unless that is nil.
func (b *Broker) call(ctx context.Context, method, address, path string, q url.Values, out any) error {
	base := address
	if !strings.Contains(base, "://") {
		base = "http://" + base
	}
	u := strings.TrimSuffix(base, "/") + path + "?" + q.Encode()
	r, err := http.NewRequestWithContext(ctx, method, u, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Accept", "application/vnd.nsq; version=1.0")
	resp, err := b.client.Do(r)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 16<<20))
	if err != nil {
		return err
	}
	switch {
	case resp.StatusCode == http.StatusNotFound:
		return fmt.Errorf("%s %s: %w", method, u, errNotFound)
	case resp.StatusCode != http.StatusOK:
		return fmt.Errorf("%s %s: %s: %.200s", method, u, resp.Status, body)
	case out == nil:
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("%s %s: %w", method, u, err)
	}
	return nil
}
