package e2e_test

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

const patience = 20 * time.Second // how long anything may take before a test fails

// program is a process to start.
type program struct {
	name string // appName
	id   string
	args []string
}

// process is a running program.
type process struct {
	t     *testing.T
	name  string
	cmd   *exec.Cmd
	ready map[string]any // the line that said so: rpc, admin, ws, http
	done  chan struct{}  // closed when it has ended

	mu   sync.Mutex
	tail []string // last lines of its log
}

// start runs the programs and waits until each is ready. The test ends them.
func (w *world) start(programs ...program) []*process {
	w.t.Helper()
	all := make([]*process, len(programs))
	waiting := make([]chan map[string]any, len(programs))
	for i, p := range programs {
		all[i], waiting[i] = w.launch(p)
	}
	for i, p := range all {
		select {
		case p.ready = <-waiting[i]:
		case <-p.done:
			w.t.Fatalf("%s ended before it was ready:\n%s", p.name, p.log())
		case <-time.After(patience):
			w.t.Fatalf("%s is not ready after %v:\n%s", p.name, patience, p.log())
		}
	}
	return all
}

func (w *world) launch(p program) (*process, chan map[string]any) {
	w.t.Helper()
	args := append([]string{"--config", w.config, "--id", p.id}, p.args...)
	proc := &process{
		t: w.t, name: p.name + "-" + p.id, done: make(chan struct{}),
		cmd: exec.Command(filepath.Join(shared.bin, p.name), args...),
	}
	proc.cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	stderr, err := proc.cmd.StderrPipe()
	if err != nil {
		w.t.Fatal(err)
	}
	if err := proc.cmd.Start(); err != nil {
		w.t.Fatal(err)
	}
	ready := make(chan map[string]any, 1)
	go func() { // ends with the process, which Cleanup waits for
		defer close(proc.done)
		lines := bufio.NewScanner(stderr)
		for lines.Scan() {
			proc.keep(lines.Text())
			if strings.Contains(lines.Text(), "DATA RACE") {
				w.t.Errorf("%s has a data race", proc.name)
			}
			var line map[string]any
			if json.Unmarshal(lines.Bytes(), &line) == nil && line["msg"] == "ready" {
				ready <- line
			}
		}
		_ = proc.cmd.Wait()
	}()
	w.t.Cleanup(func() {
		proc.stop()
		if w.t.Failed() {
			w.t.Logf("log of %s:\n%s", proc.name, proc.log())
		}
	})
	return proc, ready
}

// maxTail is how many lines of a log a failed test shows.
const maxTail = 50

func (p *process) keep(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.tail = append(p.tail, line)
	p.tail = p.tail[max(0, len(p.tail)-maxTail):]
}

func (p *process) log() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.tail, "\n")
}

// addr returns where the process serves kind: rpc, admin, ws or http.
func (p *process) addr(kind string) string {
	p.t.Helper()
	addr, ok := p.ready[kind].(string)
	if !ok {
		p.t.Fatalf("%s does not say where it serves %s: %v", p.name, kind, p.ready)
	}
	return addr
}

// kill ends the process as a crash does.
func (p *process) kill() {
	_ = p.cmd.Process.Kill()
	<-p.done
}

// stop asks the process to end, and kills it where it does not. It returns the
// exit status; -1 where it was killed.
func (p *process) stop() int {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	select {
	case <-p.done:
	case <-time.After(patience):
		p.t.Errorf("%s goes on %v after SIGTERM", p.name, patience)
		p.kill()
	}
	return p.cmd.ProcessState.ExitCode()
}
