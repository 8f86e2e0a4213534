package embedded

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
)

// Redis starts the redis-server that is on PATH, a process of its own, and without one MiniRedis.
func Redis(o Options) (*Server, error) {
	bin, err := exec.LookPath("redis-server")
	if err != nil {
		return MiniRedis(o)
	}
	return RedisServer(bin, o)
}

// RedisServer starts a real Redis from the binary bin. With a directory it appends each command to a file there.
func RedisServer(bin string, o Options) (*Server, error) {
	port, err := choosePort(o.Port)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", bin, err)
	}
	o.Port = port
	args := []string{"--port", strconv.Itoa(o.Port), "--bind", Host, "--save", "", "--daemonize", "no"}
	if o.Dir != "" {
		if err := os.MkdirAll(o.Dir, 0o755); err != nil {
			return nil, err
		}
		args = append(args, "--dir", o.Dir, "--appendonly", "yes")
	}
	p, err := startProcess(o.hostPort(), bin, args...)
	if err != nil {
		return nil, fmt.Errorf("start %s at %s: %w", bin, o.hostPort(), err)
	}
	return &Server{name: "redis", addr: o.hostPort(), close: p.stop}, nil
}
