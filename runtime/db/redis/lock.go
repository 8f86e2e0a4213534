package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// Errors of locks that a caller may tell apart.
var (
	// ErrLocked says that somebody else holds the lock.
	ErrLocked = errors.New("locked by somebody else")
	// ErrNotHeld says that the lock expired before; somebody else may hold it.
	ErrNotHeld = errors.New("lock is not held any more")
)

// Both scripts do something only for the owner's token.
const (
	unlockScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0`
	extendScript = `if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0`
)

// Lock is a lock that this process got. It ends by itself after its ttl, so what
// it protects must bear two owners for a moment: a lock in Redis saves work, it
// does not keep data right. A Lock may be used concurrently.
type Lock struct {
	client *Client
	key    string
	token  string
}

// TryLock takes the lock of that key for ttl, at least 1 ms, or returns
// ErrLocked at once. The key is used as it is: put the namespace into it.
func (c *Client) TryLock(ctx context.Context, key string, ttl time.Duration) (*Lock, error) {
	if ttl < time.Millisecond {
		return nil, fmt.Errorf("lock %q: ttl %v is less than 1 ms", key, ttl)
	}
	l := &Lock{client: c, key: key, token: rand.Text()}
	err := c.SetArgs(ctx, key, l.token, redis.SetArgs{Mode: "NX", TTL: ttl}).Err()
	switch {
	case errors.Is(err, redis.Nil):
		return l.again(ctx)
	case err != nil:
		return nil, fmt.Errorf("lock %q: %w", key, err)
	}
	return l, nil
}

// again looks whether the holder is this very lock: the first answer may have
// been lost, and the command tried again.
func (l *Lock) again(ctx context.Context) (*Lock, error) {
	holder, err := l.client.Get(ctx, l.key).Result()
	switch {
	case err == nil && holder == l.token:
		return l, nil
	case err == nil || errors.Is(err, redis.Nil):
		return nil, fmt.Errorf("lock %q: %w", l.key, ErrLocked)
	}
	return nil, fmt.Errorf("lock %q: %w", l.key, err)
}

// Extend makes the lock end ttl from now. It returns ErrNotHeld where it has
// ended already.
func (l *Lock) Extend(ctx context.Context, ttl time.Duration) error {
	return l.run(ctx, "extend", extendScript, ttl.Milliseconds())
}

// Unlock ends the lock. It returns ErrNotHeld where it had ended already, and
// then leaves another owner's lock alone.
func (l *Lock) Unlock(ctx context.Context) error {
	return l.run(ctx, "unlock", unlockScript)
}

func (l *Lock) run(ctx context.Context, what, script string, args ...any) error {
	done, err := redis.NewScript(script).Run(ctx, l.client, []string{l.key}, append([]any{l.token}, args...)...).Int()
	if err != nil {
		return fmt.Errorf("%s %q: %w", what, l.key, err)
	}
	if done == 0 {
		return fmt.Errorf("%s %q: %w", what, l.key, ErrNotHeld)
	}
	return nil
}
