package memory_test

import (
	"fmt"
	"testing"

	"github.com/hawos/hawos/runtime/cache/cachetest"
	"github.com/hawos/hawos/runtime/cache/memory"
)

func TestContract(t *testing.T) { cachetest.Run(t, memory.New(0)) }

func TestLeastUsedGoesFirst(t *testing.T) {
	c := memory.New(3)
	ctx := t.Context()
	for i := range 4 {
		if err := c.Set(ctx, fmt.Sprint(i), nil, 0); err != nil {
			t.Fatal(err)
		}
		if _, ok, _ := c.Get(ctx, "0"); !ok {
			t.Fatalf("after %d: the one in use has gone", i)
		}
	}
	if _, ok, _ := c.Get(ctx, "1"); ok {
		t.Error("got four entries in a cache of three")
	}
}
