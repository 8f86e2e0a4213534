package embedded

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"

	"github.com/hawos/hawos/runtime/push/nsq/nsqtest"
)

// NSQ starts the nsqd that is on PATH, a process of its own, and without one NSQTest. Its HTTP API is at the port
// after Addr's, where clients look that are told of no lookup service.
func NSQ(o Options) (*Server, error) {
	bin, err := exec.LookPath("nsqd")
	if err != nil {
		return NSQTest(o)
	}
	return NSQD(bin, o)
}

// NSQTest starts hawos's own stand-in for nsqd in this process. With a directory it keeps at Close what is queued.
func NSQTest(o Options) (*Server, error) {
	so := nsqtest.Options{Dir: o.Dir}
	if o.Port != 0 {
		so.NSQD = o.hostPort()
	}
	s, err := nsqtest.Start(so)
	if err != nil {
		return nil, fmt.Errorf("start the NSQ stand-in at %s: %w", o.hostPort(), err)
	}
	return &Server{name: "nsq", addr: s.NSQD(), standIn: "a stand-in in Go (nsqtest)", close: s.Close}, nil
}

// NSQD starts a real nsqd from the binary bin. One nsqd needs no lookup service.
func NSQD(bin string, o Options) (*Server, error) {
	port, err := choosePort(o.Port)
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", bin, err)
	}
	o.Port = port
	api := net.JoinHostPort(Host, strconv.Itoa(port+1))
	args := []string{"-tcp-address", o.hostPort(), "-http-address", api, "-broadcast-address", Host}
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
