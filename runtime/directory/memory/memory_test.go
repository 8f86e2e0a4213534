package memory_test

import (
	"testing"

	"github.com/hawos/hawos/runtime/directory"
	"github.com/hawos/hawos/runtime/directory/directorytest"
	"github.com/hawos/hawos/runtime/directory/memory"
)

func TestContract(t *testing.T) {
	directorytest.Run(t, func(*testing.T) directory.Directory { return memory.New() })
}
