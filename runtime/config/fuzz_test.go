package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/hawos/hawos/runtime/config"
)

func FuzzYAML(f *testing.F) {
	for _, seed := range []string{
		"", "id: 2\nrpc: {port: 1}\n", "ws:\n  origins: [a, b]\n", "a: &a [*a]\n", "&a {ws: *a}", "rpc: &r {tls: *r}",
		"<<: {id: 1}", "? [a]\n: b", "!!binary aGk=: x", "id: !!int 3", "ws: {idle_timeout: 9999999999h}", "---\n...\n---\n", "mode: &m test\nid: *m\n",
	} {
		f.Add([]byte(seed))
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, text []byte) {
		if err := os.WriteFile(filepath.Join(dir, "common.yaml"), text, 0o600); err != nil {
			t.Fatal(err)
		}
		c, err := config.Load("chat", []string{"--config", dir, "--mode", "test"})
		var faults config.Faults
		if err != nil && (!errors.As(err, &faults) || len(faults) == 0) {
			t.Errorf("got %T %v, want Faults", err, err)
		}
		if err == nil && (c.RPC.Port < 0 || c.RPC.Port > 65535 || c.WS.MaxInFlight < 1 || c.WS.IdleTimeout <= 0) {
			t.Errorf("values out of range were let through: %+v", c)
		}
	})
}
