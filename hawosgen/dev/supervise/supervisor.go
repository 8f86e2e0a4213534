package supervise

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/hawos/hawos/hawosgen/dev/proc"
)

// Locks in Dir.
const (
	// SupervisorLock is held by the supervisor for as long as it lives.
	SupervisorLock = "supervisor.lock"
	// VerbLock is held by a verb that starts or stops programs.
	VerbLock = "up.lock"
)

// supervisor is the process behind hawosgen up.
type supervisor struct {
	dir     Dir
	log     *slog.Logger
	runners map[string]*runner

	mu    sync.Mutex // guards what is below, which the runners report into
	state State
	order map[string]int // place of each program in the Spec
}

// Run does what dir's Spec says until ctx ends, then stops everything and returns. SIGHUP makes it read the Spec
// again. A *LockedError says that another supervisor runs.
func Run(ctx context.Context, dir Dir, log *slog.Logger) error {
	lock, err := dir.Lock(SupervisorLock)
	if err != nil {
		return err
	}
	defer func() { _ = lock.Unlock() }() // the end of the process gives it back anyway
	self, err := proc.Of(os.Getpid())
	if err != nil {
		return err
	}
	if err := os.MkdirAll(dir.Path("log"), 0o755); err != nil {
		return err
	}
	again := make(chan os.Signal, 1)
	signal.Notify(again, syscall.SIGHUP)
	defer signal.Stop(again)
	s := &supervisor{dir: dir, log: log, runners: make(map[string]*runner), state: State{Format: Format, Supervisor: self}}
	return s.run(ctx, again)
}

func (s *supervisor) run(ctx context.Context, again <-chan os.Signal) error {
	// The runners outlive ctx: at its end they are stopped in order, not all at once.
	lives, end := context.WithCancel(context.WithoutCancel(ctx))
	defer end()
	trim := time.NewTicker(logCheck)
	defer trim.Stop()
	for reload := true; ; {
		if reload {
			if err := s.follow(ctx, lives); err != nil {
				s.log.Error("the specification is not followed", "error", err)
			}
		}
		select {
		case <-ctx.Done():
			s.stopAll()
			return s.dir.removeState()
		case <-again:
			reload = true
		case <-trim.C:
			reload = false
			s.rotateLogs()
		}
	}
}

// follow makes what runs equal to the Spec: stops what is not in it or is there otherwise, starts what is missing.
// It returns early when ctx ends.
func (s *supervisor) follow(ctx, lives context.Context) error {
	spec, err := s.dir.Spec()
	if err != nil {
		return err
	}
	wanted, order := make(map[string]Program), make(map[string]int)
	for i, p := range spec.Programs {
		wanted[p.Name], order[p.Name] = p, i
	}
	s.stop(func(r *runner) bool {
		p, ok := wanted[r.program.Name]
		return !ok || !p.Equal(r.program) || r.failed()
	})
	s.mu.Lock()
	s.state.Revision, s.order = spec.Revision, order
	s.mu.Unlock()
	s.save()
	for _, wave := range waves(spec.Programs) {
		for _, p := range wave {
			if s.runners[p.Name] == nil {
				s.log.Info("start", "program", p.Name)
				s.runners[p.Name] = startRunner(lives, p, s.dir.Log(p.Name), s.reported)
			}
		}
		for _, p := range wave {
			select {
			case <-s.runners[p.Name].settled:
			case <-ctx.Done():
				return nil
			}
			if s.runners[p.Name].failed() {
				return fmt.Errorf("%s was never ready, so what comes after it is not started", p.Name)
			}
		}
	}
	return nil
}

// waves returns the programs by wave, in the order in which to start them.
func waves(programs []Program) [][]Program {
	byWave := make(map[int][]Program)
	var order []int
	for _, p := range programs {
		if byWave[p.Wave] == nil {
			order = append(order, p.Wave)
		}
		byWave[p.Wave] = append(byWave[p.Wave], p)
	}
	slices.Sort(order)
	all := make([][]Program, len(order))
	for i, w := range order {
		all[i] = byWave[w]
	}
	return all
}

// stopOrder returns the waves in the order in which to stop them: wave 0 last.
func stopOrder(programs []Program) [][]Program {
	all := waves(programs)
	if len(all) > 0 && all[0][0].Wave == 0 {
		all = append(all[1:], all[0])
	}
	return all
}

func (s *supervisor) stopAll() { s.stop(func(*runner) bool { return true }) }

// stop ends the runners that are chosen: a wave at once, one wave after another.
func (s *supervisor) stop(chosen func(*runner) bool) {
	var programs []Program
	for _, r := range s.runners {
		if chosen(r) {
			programs = append(programs, r.program)
		}
	}
	for _, wave := range stopOrder(programs) {
		for _, p := range wave {
			s.log.Info("stop", "program", p.Name)
			s.runners[p.Name].cancel()
		}
		for _, p := range wave {
			s.runners[p.Name].stop()
			delete(s.runners, p.Name)
			s.forget(p.Name)
		}
	}
}

// reported takes in what a runner says and writes it down.
func (s *supervisor) reported(status Status) {
	if status.Fault != "" {
		s.log.Warn(string(status.Phase), "program", status.Program.Name, "fault", status.Fault)
	}
	s.mu.Lock()
	i := slices.IndexFunc(s.state.Programs, func(o Status) bool { return o.Program.Name == status.Program.Name })
	if i < 0 {
		s.state.Programs = append(s.state.Programs, status)
		slices.SortStableFunc(s.state.Programs, func(a, b Status) int {
			return s.order[a.Program.Name] - s.order[b.Program.Name]
		})
	} else {
		s.state.Programs[i] = status
	}
	s.mu.Unlock()
	s.save()
}

func (s *supervisor) forget(name string) {
	s.mu.Lock()
	s.state.Programs = slices.DeleteFunc(s.state.Programs, func(o Status) bool { return o.Program.Name == name })
	s.mu.Unlock()
	s.save()
}

// save writes the state. Writers take turns, so that the file never goes back to an older one.
func (s *supervisor) save() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.dir.writeState(s.state); err != nil {
		s.log.Error("the state is not written", "error", err)
	}
}

func (d Dir) removeState() error {
	err := os.Remove(d.Path("state.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	return err
}
