package redis_test

import (
	"context"
	"reflect"
	"slices"
	"testing"

	"github.com/hawos/hawos/runtime/config"
	db "github.com/hawos/hawos/runtime/db/redis"
	"github.com/hawos/hawos/runtime/directory"
	"github.com/hawos/hawos/runtime/directory/directorytest"
	"github.com/hawos/hawos/runtime/directory/redis"
)

func TestDirectory(t *testing.T) {
	each(t, func(t *testing.T, addr string) {
		directorytest.Run(t, func(t *testing.T) directory.Directory {
			client, err := db.Open(context.Background(), settings(addr), nil)
			if err != nil {
				t.Fatal(err)
			}
			if err := client.FlushDB(t.Context()).Err(); err != nil {
				t.Fatal(err)
			}
			return redis.New(client, "test")
		})
	})
}

// Two projects share a server without meeting; each key tells whose it is.
func TestDirectoryNamespaces(t *testing.T) {
	each(t, func(t *testing.T, addr string) {
		ctx := t.Context()
		one := openDirectory(t, addr, "one")
		two := openDirectory(t, addr, "two")
		p := directory.Place{Session: "s1", Frontend: "frontend-1", Epoch: "e1"}
		if _, _, err := one.Set(ctx, "ann", p); err != nil {
			t.Fatal(err)
		}
		if err := one.Join(ctx, "frontend-1", "e1", "room:1"); err != nil {
			t.Fatal(err)
		}
		got, err := two.Lookup(ctx, []string{"ann"})
		if err != nil || got[0] != (directory.Place{}) {
			t.Errorf("other namespace: got %v, %v", got, err)
		}
		keys, err := open(t, addr).Keys(ctx, "*").Result()
		slices.Sort(keys)
		if want := []string{"hawos:one:group:room:1", "hawos:one:uid:ann"}; err != nil || !reflect.DeepEqual(keys, want) {
			t.Errorf("keys: got %v, %v, want %v", keys, err, want)
		}
		for _, key := range keys {
			if ttl := open(t, addr).TTL(ctx, key).Val(); ttl <= 0 {
				t.Errorf("%s: got ttl %v, want one, so that a crashed frontend leaves nothing for good", key, ttl)
			}
		}
	})
}

func openDirectory(t *testing.T, addr, namespace string) directory.Directory {
	t.Helper()
	d, err := redis.Open(context.Background(), config.Config{Namespace: namespace, Redis: settings(addr)}, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := d.Close(); err != nil {
			t.Error(err)
		}
	})
	return d
}
