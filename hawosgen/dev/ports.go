package dev

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strconv"
	"strings"

	"github.com/hawos/hawos/hawosgen/dev/proc"
	"github.com/hawos/hawos/hawosgen/dev/supervise"
	"github.com/hawos/hawos/hawosgen/infra/state"
)

const loopback = "127.0.0.1"

// ports gives programs their ports, and the same ones again at the next start where they are free: a service that
// was killed must come back under the address that it registered, and people keep bookmarks.
type ports struct {
	file    string
	auto    bool                      // a port from the settings that is taken may be another
	last    map[string]map[string]int // program → what for → port
	now     map[string]map[string]int
	running func(program string) bool // its ports are taken by itself
	held    []net.Listener            // so that no port is given twice
	taken   []TakenPort
	moved   map[int]int // port of the settings → the one that was given instead
}

// TakenPort is a port of the settings that somebody else has.
type TakenPort struct {
	Setting string // ws.port of frontend
	Port    int
	By      string // who has it, for people
}

// PortsTakenError lists the ports that are taken.
type PortsTakenError []TakenPort

// Error names each port, its setting and who has it.
func (e PortsTakenError) Error() string {
	lines := make([]string, len(e))
	for i, t := range e {
		lines[i] = fmt.Sprintf("port %d (%s) is taken by %s", t.Port, t.Setting, t.By)
	}
	return strings.Join(lines, "\n") + "\nstop it, change the setting, or let hawosgen choose: hawosgen up --auto-ports"
}

func loadPorts(dir supervise.Dir, auto bool, running func(string) bool) (*ports, error) {
	p := &ports{file: dir.Path("ports.json"), auto: auto, running: running, now: make(map[string]map[string]int), moved: make(map[int]int)}
	data, err := os.ReadFile(p.file)
	if errors.Is(err, fs.ErrNotExist) {
		return p, nil
	}
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(data, &p.last); err != nil {
		return nil, fmt.Errorf("read %s: %w", p.file, err)
	}
	return p, nil
}

// any returns a port for the program: the last one, else a free one.
func (p *ports) any(program, what string) (int, error) {
	return p.choose(program, what, loopback, p.last[program][what])
}

// fixed returns the port that the settings want, unless it is taken: then another one with auto, else 0 and the
// fault is in taken.
func (p *ports) fixed(program, what, setting, ip string, want int) (int, error) {
	last := p.last[program][what]
	if p.running(program) && last == want {
		return p.give(program, what, want), nil
	}
	if p.hold(ip, want) {
		return p.give(program, what, want), nil
	}
	if p.auto || p.running(program) && last != 0 {
		port, err := p.choose(program, what, ip, last)
		p.moved[want] = port
		return port, err
	}
	p.taken = append(p.taken, TakenPort{Setting: setting, Port: want, By: holder(want)})
	return 0, nil
}

// anyPair returns a port that is free together with the next one.
func (p *ports) anyPair(program, what string) (int, error) {
	const attempts = 20
	for range attempts {
		port, err := p.any(program, what)
		if err != nil {
			return 0, err
		}
		if p.running(program) || p.hold(loopback, port+1) {
			return port, nil
		}
		delete(p.last[program], what)
	}
	return 0, fmt.Errorf("found no two free ports next to each other in %d attempts", attempts)
}

func (p *ports) choose(program, what, ip string, last int) (int, error) {
	if last != 0 && (p.running(program) || p.hold(ip, last)) {
		return p.give(program, what, last), nil
	}
	l, err := net.Listen("tcp", net.JoinHostPort(ip, "0"))
	if err != nil {
		return 0, err
	}
	p.held = append(p.held, l)
	return p.give(program, what, l.Addr().(*net.TCPAddr).Port), nil
}

func (p *ports) hold(ip string, port int) bool {
	l, err := net.Listen("tcp", net.JoinHostPort(ip, strconv.Itoa(port)))
	if err == nil {
		p.held = append(p.held, l)
	}
	return err == nil
}

func (p *ports) give(program, what string, port int) int {
	if p.now[program] == nil {
		p.now[program] = make(map[string]int)
	}
	p.now[program][what] = port
	return port
}

// release frees the ports for their programs, and must be called.
func (p *ports) release() {
	for _, l := range p.held {
		l.Close()
	}
}

// save remembers the ports. Those that nobody has now are kept for the next time.
func (p *ports) save() error {
	for program, ports := range p.last {
		for what, port := range ports {
			if p.now[program][what] == 0 {
				p.give(program, what, port)
			}
		}
	}
	data, err := json.MarshalIndent(p.now, "", "  ")
	if err != nil {
		return err
	}
	return state.Replace(p.file, append(data, '\n'))
}

func holder(port int) string {
	pid := proc.Listener(port)
	if pid == 0 {
		return "another program"
	}
	command := proc.Command(pid)
	if command == "" {
		return fmt.Sprintf("process %d", pid)
	}
	return fmt.Sprintf("process %d (%s)", pid, shorten(command, 80))
}

// shorten cuts text to n bytes at most, at its end.
func shorten(text string, n int) string {
	if len(text) <= n {
		return text
	}
	return text[:n-3] + "..."
}
