package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"time"
)

const (
	processReady = 30 * time.Second // until a started server answers
	processStop  = 10 * time.Second // from SIGTERM to SIGKILL
)

// process is a server that runs beside this process.
type process struct {
	cmd  *exec.Cmd
	out  *tail
	done chan struct{} // closed when the process is gone; err is set then
	err  error
}

// startProcess starts bin and waits until addr takes connections.
func startProcess(addr, bin string, args ...string) (*process, error) {
	p := &process{cmd: exec.Command(bin, args...), out: new(tail), done: make(chan struct{})}
	p.cmd.Stdout, p.cmd.Stderr = p.out, p.out
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	go func() {
		p.err = p.cmd.Wait()
		close(p.done)
	}()
	if err := p.awaitPort(addr); err != nil {
		return nil, errors.Join(err, p.stop())
	}
	return p, nil
}

func (p *process) awaitPort(addr string) error {
	ctx, cancel := context.WithTimeout(context.Background(), processReady)
	defer cancel()
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "tcp", addr)
		if err == nil {
			return conn.Close()
		}
		select {
		case <-p.done:
			return fmt.Errorf("it ended (%v): %s", p.cmd.ProcessState, p.out)
		case <-ctx.Done():
			return fmt.Errorf("it does not listen at %s: %s", addr, p.out)
		case <-tick.C:
		}
	}
}

// stop asks the process to end, kills it when it does not, and waits.
func (p *process) stop() error {
	if err := p.cmd.Process.Signal(syscall.SIGTERM); err != nil && !errors.Is(err, os.ErrProcessDone) {
		return err
	}
	select {
	case <-p.done:
		return nil
	case <-time.After(processStop):
	}
	err := p.cmd.Process.Kill()
	<-p.done
	return errors.Join(fmt.Errorf("killed: it went on for %s after SIGTERM", processStop), err)
}

// tail keeps the end of what is written to it.
type tail struct {
	mu  sync.Mutex
	buf []byte
}

const tailBytes = 2048

func (t *tail) Write(b []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, b...)
	if over := len(t.buf) - tailBytes; over > 0 {
		t.buf = append(t.buf[:0], t.buf[over:]...)
	}
	return len(b), nil
}

func (t *tail) String() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return string(bytes.TrimSpace(t.buf))
}

// choosePort returns port, or a free one where it is 0, for servers that cannot choose one themselves. A port that
// is taken is found here, before a process starts: its owner would look like that process, ready.
func choosePort(port int) (int, error) {
	l, err := net.Listen("tcp", Options{Port: port}.hostPort())
	if err != nil {
		return 0, err
	}
	return l.Addr().(*net.TCPAddr).Port, l.Close()
}
