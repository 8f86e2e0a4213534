package e2e_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

const (
	secret = "a secret for tests that is long enough"
	token  = "a token for tests that is long enough"
)

// world is one run of the sample in a namespace of its own.
type world struct {
	t      *testing.T
	config string // folder of the settings
}

// options of a world; the zero value is Kafka and the shared Redis.
type options struct {
	queue string // kafka or nsq
	redis string // address
}

func newWorld(t *testing.T, o options) *world {
	t.Helper()
	if o.queue == "" {
		o.queue = "kafka"
	}
	if o.redis == "" {
		o.redis = shared.redis.Addr()
	}
	w := &world{t: t, config: t.TempDir()}
	w.write("common.yaml", fmt.Sprintf(`
namespace: %s
mode: test
log: {format: json}
etcd: {endpoints: ["%s"], ttl: 2s}
redis: {address: "%s"}
queue:
  type: %s
  kafka: {brokers: ["%s"]}
  nsq: {nsqd: "%s"}
`, fmt.Sprint("e2e-", shared.worlds.Add(1)), shared.etcd.Addr(), o.redis, o.queue, shared.kafka.Addr(), shared.nsq.Addr()))
	w.write("secrets.yaml", fmt.Sprintf("jwt: {secret: %q}\nrpc: {token: %q}\n", secret, token))
	return w
}

func (w *world) write(name, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.config, name), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// chats starts two frontends and two chats, and returns the frontends.
func (w *world) chats() (frontends, chats [2]*process) {
	w.t.Helper()
	all := w.start(
		program{"frontend", "1", nil}, program{"frontend", "2", nil},
		program{"chat", "1", nil}, program{"chat", "2", nil})
	return [2]*process{all[0], all[1]}, [2]*process{all[2], all[3]}
}
