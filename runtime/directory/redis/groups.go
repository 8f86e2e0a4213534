package redis

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/redis/go-redis/v9"

	"github.com/hawos/hawos/runtime/directory"
)

// Join implements directory.Directory, in one round trip.
func (d *Directory) Join(ctx context.Context, frontend, epoch string, groups ...string) error {
	return d.change(ctx, "join", groups, func(p redis.Pipeliner, key string) {
		p.SAdd(ctx, key, frontend+separator+epoch)
		p.Expire(ctx, key, keep)
	})
}

// Leave implements directory.Directory, in one round trip.
func (d *Directory) Leave(ctx context.Context, frontend, epoch string, groups ...string) error {
	return d.change(ctx, "leave", groups, func(p redis.Pipeliner, key string) {
		p.SRem(ctx, key, frontend+separator+epoch) // the last one takes the key along
	})
}

func (d *Directory) change(ctx context.Context, what string, groups []string, add func(redis.Pipeliner, string)) error {
	if len(groups) == 0 {
		return nil
	}
	pipe := d.client.Pipeline()
	for _, g := range groups {
		add(pipe, d.group(g))
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return fmt.Errorf("%s %d groups: %w", what, len(groups), err)
	}
	return nil
}

// Frontends implements directory.Directory, in one round trip.
func (d *Directory) Frontends(ctx context.Context, groups []string) ([][]directory.Place, error) {
	lists := make([][]directory.Place, len(groups))
	if len(groups) == 0 {
		return lists, nil
	}
	pipe := d.client.Pipeline()
	answers := make([]*redis.StringSliceCmd, len(groups))
	for i, g := range groups {
		answers[i] = pipe.SMembers(ctx, d.group(g))
		pipe.Expire(ctx, d.group(g), keep)
	}
	if _, err := pipe.Exec(ctx); err != nil {
		return nil, fmt.Errorf("look up %d groups: %w", len(groups), err)
	}
	for i, a := range answers {
		for _, member := range a.Val() {
			if frontend, epoch, ok := strings.Cut(member, separator); ok {
				lists[i] = append(lists[i], directory.Place{Frontend: frontend, Epoch: epoch})
			}
		}
		slices.SortFunc(lists[i], func(a, b directory.Place) int {
			return cmp.Or(cmp.Compare(a.Frontend, b.Frontend), cmp.Compare(a.Epoch, b.Epoch))
		})
	}
	return lists, nil
}

func (d *Directory) group(g string) string { return d.prefix + "group:" + g }
