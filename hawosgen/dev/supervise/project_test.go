package supervise_test

import (
	"context"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hawos/hawos/hawosgen/dev/proc"
	"github.com/hawos/hawos/hawosgen/dev/supervise"
)

// project is a folder with a supervisor in it.
type project struct {
	t        *testing.T
	dir      supervise.Dir
	revision int
	addrs    map[string]string
	roles    map[string]string // of programs that are not services
	changed  map[string]string // fingerprints of builds
}

func newProject(t *testing.T) *project {
	t.Setenv("GORACE", "atexit_sleep_ms=0") // else each process ends a second late
	p := &project{t: t, dir: supervise.In(t.TempDir()),
		addrs: map[string]string{}, roles: map[string]string{}, changed: map[string]string{}}
	t.Cleanup(func() {
		if _, _, err := p.dir.Stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return p
}

// up makes the programs run, each given as name:wave.
func (p *project) up(programs ...string) {
	p.t.Helper()
	p.revision++
	spec := supervise.Spec{Revision: p.revision}
	for _, text := range programs {
		name, wave, _ := strings.Cut(text, ":")
		n, _ := strconv.Atoi(wave)
		spec.Programs = append(spec.Programs, p.program(name, n))
	}
	if err := p.dir.WriteSpec(spec); err != nil {
		p.t.Fatal(err)
	}
	if _, ok := p.dir.Alive(); ok {
		if err := p.dir.Reload(p.t.Context(), p.revision); err != nil {
			p.t.Fatal(err)
		}
	} else {
		p.t.Setenv(role, "supervisor")
		if err := p.dir.Start(p.t.Context(), p.revision, os.Args[0], string(p.dir)); err != nil {
			p.t.Fatal(err)
		}
		os.Unsetenv(role)
	}
	for _, program := range spec.Programs {
		if len(p.roles) == 0 {
			p.await(program.Name, supervise.Ready)
		}
	}
}

func (p *project) program(name string, wave int) supervise.Program {
	if p.addrs[name] == "" {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			p.t.Fatal(err)
		}
		p.addrs[name] = l.Addr().String()
		l.Close()
	}
	as := "service"
	if p.roles[name] != "" {
		as = p.roles[name]
	}
	return supervise.Program{
		Name: name, Wave: wave, Bin: os.Args[0], Build: p.changed[name],
		Args:  []string{p.addrs[name], p.dir.Path("stopped"), name},
		Env:   []string{role + "=" + as},
		Ready: supervise.Probe{URL: "http://" + p.addrs[name] + "/readyz"},
	}
}

func (p *project) state() supervise.State {
	p.t.Helper()
	s, err := p.dir.State()
	if err != nil {
		p.t.Fatal(err)
	}
	return s
}

// stopped returns the programs that stopped by themselves, in that order.
func (p *project) stopped() string {
	text, _ := os.ReadFile(p.dir.Path("stopped"))
	return strings.Join(strings.Fields(string(text)), " ")
}

func (p *project) kill(s supervise.Status) {
	p.t.Helper()
	if err := s.Process.Kill(); err != nil {
		p.t.Fatal(err)
	}
}

func (p *project) write(name, text string) {
	p.t.Helper()
	if err := os.MkdirAll(string(p.dir), 0o755); err != nil {
		p.t.Fatal(err)
	}
	if err := os.WriteFile(p.dir.Path(name), []byte(text), 0o644); err != nil {
		p.t.Fatal(err)
	}
}

func (p *project) await(name string, phase supervise.Phase) (found supervise.Status) {
	p.t.Helper()
	p.eventually(name+" is "+string(phase), func(s supervise.State) bool {
		found, _ = s.Find(name)
		return found.Phase == phase
	})
	return found
}

func (p *project) eventually(what string, ok func(supervise.State) bool) {
	p.t.Helper()
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	end := time.After(15 * time.Second)
	for !ok(p.state()) {
		select {
		case <-tick.C:
		case <-end:
			log, _ := os.ReadFile(p.dir.Log("supervisor"))
			p.t.Fatalf("waited 15 s in vain: %s; the state is %+v; the supervisor said:\n%s", what, p.state(), log)
		}
	}
}

// wantGone finds what still runs of a state. Who does not run does not listen.
func (p *project) wantGone(s supervise.State) {
	p.t.Helper()
	ids := []proc.ID{s.Supervisor}
	for _, program := range s.Programs {
		ids = append(ids, program.Process)
	}
	for _, id := range ids {
		if id.Alive() {
			p.t.Errorf("process %d still runs", id.PID)
		}
	}
}
