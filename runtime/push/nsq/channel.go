package nsq

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// ping asks the nsqd that is published to, or else any.
func (b *Broker) ping(ctx context.Context) error {
	var errs []error
	for _, n := range b.known() {
		if b.o.NSQD != "" && n.tcp != b.o.NSQD {
			continue
		}
		err := b.call(ctx, http.MethodGet, n.http, "/ping", nil, nil)
		if err == nil {
			return nil
		}
		errs = append(errs, fmt.Errorf("reach nsqd %q by its HTTP API %q (queue.nsq.http): %w", n.tcp, n.http, err))
	}
	if len(errs) == 0 {
		return errors.New("lookupd knows no nsqd")
	}
	return errors.Join(errs...)
}

// prepare makes the reader's channel on an nsqd and drops what is older than
// now: the channel's leftovers, and what a topic without readers had kept.
func (b *Broker) prepare(ctx context.Context, n node, topic, reader string) error {
	q := url.Values{"topic": {topic}}
	if err := b.call(ctx, http.MethodPost, n.http, "/topic/create", q, nil); err != nil {
		return err
	}
	channels, err := b.channels(ctx, n, topic)
	if err != nil {
		return err
	}
	if len(channels) == 0 {
		if err := b.call(ctx, http.MethodPost, n.http, "/topic/empty", q, nil); err != nil {
			return err
		}
	}
	q.Set("channel", reader)
	if err := b.call(ctx, http.MethodPost, n.http, "/channel/create", q, nil); err != nil {
		return err
	}
	return b.call(ctx, http.MethodPost, n.http, "/channel/empty", q, nil)
}

// forget deletes the reader's channel on an nsqd.
func (b *Broker) forget(ctx context.Context, n node, topic, reader string) error {
	q := url.Values{"topic": {topic}, "channel": {reader}}
	err := b.call(ctx, http.MethodPost, n.http, "/channel/delete", q, nil)
	if err != nil && !errors.Is(err, errNotFound) {
		return err
	}
	if !strings.HasSuffix(topic, "."+reader) {
		return nil
	}
	channels, err := b.channels(ctx, n, topic)
	if err != nil || len(channels) > 0 {
		return err
	}
	err = b.call(ctx, http.MethodPost, n.http, "/topic/delete", url.Values{"topic": {topic}}, nil)
	if errors.Is(err, errNotFound) {
		return nil
	}
	return err
}

// channels returns the names of a topic's channels on an nsqd.
func (b *Broker) channels(ctx context.Context, n node, topic string) ([]string, error) {
	var stats struct {
		Topics []struct {
			Name     string `json:"topic_name"`
			Channels []struct {
				Name string `json:"channel_name"`
			} `json:"channels"`
		} `json:"topics"`
	}
	q := url.Values{"format": {"json"}, "topic": {topic}}
	if err := b.call(ctx, http.MethodGet, n.http, "/stats", q, &stats); err != nil {
		return nil, err
	}
	var names []string
	for _, t := range stats.Topics {
		for _, c := range t.Channels {
			if t.Name == topic {
				names = append(names, c.Name)
			}
		}
	}
	return names, nil
}
