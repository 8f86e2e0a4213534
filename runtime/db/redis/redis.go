// Package redis opens go-redis clients by a process's settings, and has a lock
// with an owner. Everything else is go-redis's own, of which a Client is one.
// Start from Open. It works with Redis 6.2 or later.
package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"

	"github.com/hawos/hawos/runtime/config"
)

// Client is a go-redis client. It may be used concurrently, and is its opener's
// to close.
type Client struct {
	*redis.Client
}

// Open connects to the server and returns after it answered a ping, for which it
// waits redis.dial_timeout while the server loads its data, or an error that
// names its address. Commands heed the deadline of their context besides
// redis.timeout, and are tried again twice where the network fails them.
func Open(ctx context.Context, c config.Redis, log *slog.Logger) (*Client, error) {
	if c.Address == "" {
		return nil, errors.New("redis.address is empty: name your server in config/common.yaml, or start the project with hawosgen up")
	}
	t, err := c.TLS.Client()
	if err != nil {
		return nil, fmt.Errorf("redis.%w", err)
	}
	client := redis.NewClient(&redis.Options{
		Addr:                  c.Address,
		Username:              c.Username,
		Password:              c.Password,
		DB:                    c.DB,
		TLSConfig:             t,
		PoolSize:              c.PoolSize,
		DialTimeout:           c.DialTimeout,
		ReadTimeout:           c.Timeout,
		WriteTimeout:          c.Timeout,
		MaxRetries:            2,
		ContextTimeoutEnabled: true,
		ClientName:            "hawos",
		DisableIdentity:       true,
		// Those of hosted clusters alone; older servers answer with an error.
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	})
	if c.DialTimeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.DialTimeout)
		defer cancel()
	}
	if err := loaded(ctx, client); err != nil {
		return nil, errors.Join(fmt.Errorf("reach redis %q: %w", c.Address, err), client.Close())
	}
	if log != nil {
		log.Debug("redis reached", "address", c.Address, "db", c.DB)
	}
	return &Client{client}, nil
}

// loaded waits until the server answers: one that started a moment ago refuses
// everything while it loads its data.
func loaded(ctx context.Context, client *redis.Client) error {
	again := time.NewTicker(50 * time.Millisecond)
	defer again.Stop()
	for {
		err := client.Ping(ctx).Err()
		if !redis.HasErrorPrefix(err, "LOADING") {
			return err
		}
		select {
		case <-again.C:
		case <-ctx.Done():
			return err
		}
	}
}
