package embedded

import (
	"fmt"
	"log/slog"
	"path/filepath"
	"time"

	"github.com/alicebob/miniredis/v2"
)

const (
	redisTick     = 100 * time.Millisecond // how late a key may expire
	redisSnapshot = time.Second            // how much a kill of the process may lose
)

// MiniRedis starts a Redis written in Go in this process. Unlike the bare miniredis its keys expire by themselves,
// up to 100 ms late, and with a directory its data is saved each second and at Close, in one file that is replaced
// whole. Kept are strings, hashes, lists, sets, sorted sets and times to live; streams, HyperLogLogs and times to
// live of hash fields are not. It knows no CONFIG and no FUNCTION.
func MiniRedis(o Options) (*Server, error) {
	m := miniredis.NewMiniRedis()
	if err := restoreMiniRedis(m, o); err != nil {
		return nil, fmt.Errorf("start miniredis: %w", err)
	}
	if err := m.StartAddr(o.hostPort()); err != nil {
		return nil, fmt.Errorf("start miniredis at %s: %w", o.hostPort(), err)
	}
	store := newRedisStore(m.Server(), snapshotFile(o))
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		runMiniRedis(m, store, stop)
	}()
	return &Server{
		name:    "redis",
		addr:    m.Addr(),
		standIn: "a stand-in in Go (miniredis), saved each second",
		close: func() error {
			close(stop)
			<-stopped
			m.Close()
			return store.save()
		},
	}, nil
}

// restoreMiniRedis fills m before anybody can reach it: Dial starts it without a listener.
func restoreMiniRedis(m *miniredis.Miniredis, o Options) error {
	conn, err := m.Dial()
	if err != nil {
		return err
	}
	defer m.Server().Close()
	defer conn.Close()
	return newRedisStore(m.Server(), snapshotFile(o)).restore()
}

func snapshotFile(o Options) string {
	if o.Dir == "" {
		return ""
	}
	return filepath.Join(o.Dir, "redis.snapshot")
}

func runMiniRedis(m *miniredis.Miniredis, store *redisStore, stop <-chan struct{}) {
	var sinceSave time.Duration
	every(redisTick, stop, func(elapsed time.Duration) {
		m.FastForward(elapsed)
		if sinceSave += elapsed; sinceSave < redisSnapshot || !store.changed() {
			return
		}
		sinceSave = 0
		if err := store.save(); err != nil {
			slog.Error("miniredis does not save its data", "error", err)
		}
	})
}
