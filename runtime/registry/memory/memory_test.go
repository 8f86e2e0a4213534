package memory_test

import (
	"testing"

	"go.uber.org/goleak"

	"github.com/hawos/hawos/runtime/registry"
	"github.com/hawos/hawos/runtime/registry/memory"
	"github.com/hawos/hawos/runtime/registry/registrytest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestContract(t *testing.T) {
	registrytest.Run(t, func(t *testing.T) registrytest.Opener {
		r := memory.New() // every process of the namespace is this one
		t.Cleanup(func() { r.Close() })
		return func(*testing.T) registry.Registry { return r }
	})
}
