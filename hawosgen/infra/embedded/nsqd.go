package embedded

import (
	"fmt"
	"os"
	"os/exec"
)

// NSQD starts the nsqd that is on PATH, a process of its own. It returns an error that wraps exec.ErrNotFound where
// there is none. The lookup service is not needed with one nsqd.
func NSQD(o Options) (*Server, error) {
	bin, err := exec.LookPath("nsqd")
	if err != nil {
		return nil, err
	}
	if o.Port, err = choosePort(o.Port); err != nil {
		return nil, fmt.Errorf("start %s: %w", bin, err)
	}
	args := []string{"-tcp-address", o.hostPort(), "-http-address", Options{}.hostPort(), "-broadcast-address", Host}
	if o.Dir != "" {
		if err := os.MkdirAll(o.Dir, 0o755); err != nil {
			return nil, err
		}
		args = append(args, "-data-path", o.Dir)
	}
	p, err := startProcess(o.hostPort(), bin, args...)
	if err != nil {
		return nil, fmt.Errorf("start %s at %s: %w", bin, o.hostPort(), err)
	}
	return &Server{name: "nsq", addr: o.hostPort(), close: p.stop}, nil
}
