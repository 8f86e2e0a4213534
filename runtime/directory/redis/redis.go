// Package redis is a directory.Directory in Redis, 6.2 or later. Start from Open
// or New.
//
// Keys begin with hawos:<namespace>: and are uid:<uid>, a string of session,
// frontend and epoch, and group:<group>, a set of frontend and epoch. What a
// crashed frontend leaves behind is ignored by its epoch, and expires a week
// after anybody asked for it; a frontend's own checks keep the rest alive.
package redis

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/hawos/hawos/runtime/config"
	db "github.com/hawos/hawos/runtime/db/redis"
	"github.com/hawos/hawos/runtime/directory"
)

// keep is how long an entry stays that nobody writes or asks for.
const keep = 7 * 24 * time.Hour

// The scripts' values are session, frontend and epoch with zero bytes between.
const (
	setScript = `
local old = redis.call('GET', KEYS[1])
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return old`
	setNewScript = `
local old = redis.call('GET', KEYS[1])
if old and string.sub(old, 1, #ARGV[3]) ~= ARGV[3] then return old end
redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
return false`
	deleteScript = `
local old = redis.call('GET', KEYS[1])
if old and string.sub(old, 1, #ARGV[1]) == ARGV[1] then redis.call('DEL', KEYS[1]) end
return 1`
)

const separator = "\x00"

// errSeparator faults names that the keys' values cannot hold.
var errSeparator = errors.New("session, frontend and epoch must not be empty or hold a zero byte")

// Directory is a directory.Directory.
type Directory struct {
	client              *db.Client
	prefix              string
	set, setNew, delete *redis.Script
}

// Open connects with the settings redis, and uses the project's namespace.
func Open(ctx context.Context, c config.Config, log *slog.Logger) (directory.Directory, error) {
	client, err := db.Open(ctx, c.Redis, log)
	if err != nil {
		return nil, err
	}
	return New(client, c.Namespace), nil
}

// New returns a directory in the namespace. Closing it closes the client.
func New(client *db.Client, namespace string) *Directory {
	return &Directory{
		client: client,
		prefix: "hawos:" + namespace + ":",
		set:    redis.NewScript(setScript),
		setNew: redis.NewScript(setNewScript),
		delete: redis.NewScript(deleteScript),
	}
}

// Set implements directory.Directory.
func (d *Directory) Set(ctx context.Context, uid string, p directory.Place) (directory.Place, bool, error) {
	v, err := encode(p)
	if err != nil {
		return directory.Place{}, false, fmt.Errorf("enter uid %q: %w", uid, err)
	}
	old, ok, err := value(d.set.Run(ctx, d.client, []string{d.uid(uid)}, v, seconds(keep)))
	if err != nil {
		return directory.Place{}, false, fmt.Errorf("enter uid %q: %w", uid, err)
	}
	return old, ok, nil
}

// SetNew implements directory.Directory.
func (d *Directory) SetNew(ctx context.Context, uid string, p directory.Place) (directory.Place, bool, error) {
	v, err := encode(p)
	if err != nil {
		return directory.Place{}, false, fmt.Errorf("enter uid %q: %w", uid, err)
	}
	holder, taken, err := value(d.setNew.Run(ctx, d.client, []string{d.uid(uid)}, v, seconds(keep), p.Session+separator))
	if err != nil {
		return directory.Place{}, false, fmt.Errorf("enter uid %q: %w", uid, err)
	}
	if taken {
		return holder, false, nil
	}
	return p, true, nil
}

// Delete implements directory.Directory.
func (d *Directory) Delete(ctx context.Context, uid, session string) error {
	err := d.delete.Run(ctx, d.client, []string{d.uid(uid)}, session+separator).Err()
	if err != nil {
		return fmt.Errorf("remove uid %q: %w", uid, err)
	}
	return nil
}

// Lookup implements directory.Directory, in one round trip.
func (d *Directory) Lookup(ctx context.Context, uids []string) ([]directory.Place, error) {
	places := make([]directory.Place, len(uids))
	if len(uids) == 0 {
		return places, nil
	}
	pipe := d.client.Pipeline()
	answers := make([]*redis.StringCmd, len(uids))
	for i, uid := range uids {
		answers[i] = pipe.GetEx(ctx, d.uid(uid), keep)
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return nil, fmt.Errorf("look up %d uids: %w", len(uids), err)
	}
	for i, a := range answers {
		v, err := a.Result()
		if errors.Is(err, redis.Nil) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("look up uid %q: %w", uids[i], err)
		}
		places[i] = decode(v)
	}
	return places, nil
}

// Close implements directory.Directory.
func (d *Directory) Close() error { return d.client.Close() }

func (d *Directory) uid(uid string) string { return d.prefix + "uid:" + uid }

func seconds(t time.Duration) int { return int(t / time.Second) }

func encode(p directory.Place) (string, error) {
	fields := []string{p.Session, p.Frontend, p.Epoch}
	if slices.ContainsFunc(fields, func(s string) bool { return s == "" || strings.Contains(s, separator) }) {
		return "", errSeparator
	}
	return strings.Join(fields, separator), nil
}

// decode returns the zero Place for a value that is not ours.
func decode(v string) directory.Place {
	fields := strings.Split(v, separator)
	if len(fields) != 3 {
		return directory.Place{}
	}
	return directory.Place{Session: fields[0], Frontend: fields[1], Epoch: fields[2]}
}

// value returns what a script returned; ok is false for nothing.
func value(c *redis.Cmd) (directory.Place, bool, error) {
	v, err := c.Text()
	if errors.Is(err, redis.Nil) {
		return directory.Place{}, false, nil
	}
	if err != nil {
		return directory.Place{}, false, err
	}
	return decode(v), true, nil
}
