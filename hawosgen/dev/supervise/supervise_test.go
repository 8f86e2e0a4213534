package supervise_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/hawos/hawos/hawosgen/dev/proc"
	"github.com/hawos/hawos/hawosgen/dev/supervise"
)

// The test's own binary plays the supervisor and the programs that it runs.
const role = "HAWOS_TEST_ROLE"

func TestMain(m *testing.M) {
	switch os.Getenv(role) {
	case "":
		os.Exit(m.Run())
	case "supervisor":
		superviseHere()
	case "service":
		serveHere()
	case "crasher":
		fmt.Println("no etcd in sight")
		os.Exit(3)
	}
}

func superviseHere() {
	os.Unsetenv(role)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	if err := supervise.Run(ctx, supervise.Dir(os.Args[1]), slog.Default()); err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

// serveHere answers /readyz at os.Args[1] until SIGTERM, and then says so in the file os.Args[2].
func serveHere() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	l, err := net.Listen("tcp", os.Args[1])
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println("serving")
	go http.Serve(l, http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	<-ctx.Done()
	stop() // a second SIGTERM would end it without a word
	f, err := os.OpenFile(os.Args[2], os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err == nil {
		fmt.Fprintln(f, filepath.Base(os.Args[3]))
		f.Close()
	}
}

func TestWhatCrashesComesBack(t *testing.T) {
	p := newProject(t)
	p.up("infra:0", "chat-1:2")
	chat := p.await("chat-1", supervise.Ready)
	p.kill(chat)
	p.eventually("chat-1 runs again", func(s supervise.State) bool {
		now, _ := s.Find("chat-1")
		return now.Phase == supervise.Ready && now.Process != chat.Process && now.Restarts == 1
	})
	if infra := p.await("infra", supervise.Ready); infra.Restarts != 0 {
		t.Errorf("infra was started again %d times", infra.Restarts)
	}
}

func TestProgramsStopInOrderAndLeaveNothing(t *testing.T) {
	p := newProject(t)
	p.up("infra:0", "frontend-1:1", "chat-1:2")
	state := p.state()
	found, killed, err := p.dir.Stop(t.Context())
	if err != nil || len(killed) > 0 || found != 3 {
		t.Errorf("stop: found %d, killed %v, %v; want 3, none, no error", found, killed, err)
	}
	p.wantGone(state)
	if got := p.stopped(); got != "frontend-1 chat-1 infra" {
		t.Errorf("stopped in the order %q", got)
	}
	if found, _, err := p.dir.Stop(t.Context()); found != 0 || err != nil {
		t.Errorf("second stop: found %d, %v", found, err)
	}
}

func TestStopWorksAfterTheSupervisorDied(t *testing.T) {
	p := newProject(t)
	p.up("infra:0", "chat-1:2")
	state := p.state()
	if err := state.Supervisor.Kill(); err != nil {
		t.Fatal(err)
	}
	if err := state.Supervisor.Wait(t.Context()); err != nil {
		t.Fatal(err)
	}
	if chat, _ := state.Find("chat-1"); !chat.Process.Alive() {
		t.Error("chat-1 died with its supervisor")
	}
	if _, ok := p.dir.Alive(); ok {
		t.Error("a killed supervisor counts as alive")
	}
	if found, _, err := p.dir.Stop(t.Context()); found != 2 || err != nil {
		t.Errorf("stop: found %d, %v; want 2, no error", found, err)
	}
	p.wantGone(state)
	if got := p.stopped(); got != "chat-1 infra" {
		t.Errorf("stopped in the order %q", got)
	}
}

func TestReloadStartsWhatIsMissingAndStopsWhatIsTooMuch(t *testing.T) {
	p := newProject(t)
	p.up("infra:0", "chat-1:2", "chat-2:2")
	before := p.await("chat-1", supervise.Ready)
	p.up("infra:0", "chat-1:2", "rank-1:2")
	p.await("rank-1", supervise.Ready)
	if after := p.await("chat-1", supervise.Ready); after.Process != before.Process {
		t.Error("chat-1 was restarted though nothing about it changed")
	}
	if _, ok := p.state().Find("chat-2"); ok || p.stopped() != "chat-2" {
		t.Errorf("chat-2 still runs; stopped: %q", p.stopped())
	}
	p.changed["chat-1"] = "another build"
	p.up("infra:0", "chat-1:2", "rank-1:2")
	p.eventually("chat-1 was replaced", func(s supervise.State) bool {
		now, _ := s.Find("chat-1")
		return now.Phase == supervise.Ready && now.Process != before.Process
	})
}

func TestAProgramThatIsNeverReadyFailsAndNothingFollows(t *testing.T) {
	p := newProject(t)
	p.roles["frontend-1"] = "crasher"
	p.up("infra:0", "frontend-1:1", "chat-1:2")
	failed := p.await("frontend-1", supervise.Failed)
	if !strings.Contains(failed.Fault, "exit status 3") {
		t.Errorf("fault %q does not say how it ended", failed.Fault)
	}
	if log, _ := os.ReadFile(p.dir.Log("frontend-1")); string(log) != "no etcd in sight\n" {
		t.Errorf("its log holds %q", log)
	}
	if _, ok := p.state().Find("chat-1"); ok {
		t.Error("chat-1 was started after a failed wave")
	}
	delete(p.roles, "frontend-1")
	p.up("infra:0", "frontend-1:1", "chat-1:2")
	p.await("chat-1", supervise.Ready)
}

func TestASecondSupervisorIsRefused(t *testing.T) {
	p := newProject(t)
	p.up("infra:0")
	var locked *supervise.LockedError
	err := supervise.Run(t.Context(), p.dir, slog.New(slog.DiscardHandler))
	if id, _ := p.dir.Alive(); !errors.As(err, &locked) || locked.PID != id.PID {
		t.Errorf("got %v, want a LockedError of process %d", err, id.PID)
	}
}

func TestANumberGivenToAnotherProcessIsNotKilled(t *testing.T) {
	self, err := proc.Of(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	p := newProject(t)
	old := proc.ID{PID: self.PID, Start: self.Start + "1"}
	p.write("state.json", fmt.Sprintf(`{"supervisor": {"pid": %d, "start": %q}, "programs": [
		{"program": {"name": "chat-1"}, "process": {"pid": %d, "start": %q}}]}`, old.PID, old.Start, old.PID, old.Start))
	if found, killed, err := p.dir.Stop(t.Context()); found != 0 || len(killed) > 0 || err != nil {
		t.Errorf("stop: found %d, killed %v, %v", found, killed, err)
	}
	select {
	case <-t.Context().Done():
		t.Error("this process got the signal")
	default:
	}
}

func TestLogsAreRotated(t *testing.T) {
	file := filepath.Join(t.TempDir(), "chat-1.log")
	for _, text := range []string{"old and long", "new"} {
		f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprint(f, text)
		f.Close()
		if err := supervise.Rotate(file, 10); err != nil {
			t.Fatal(err)
		}
	}
	now, _ := os.ReadFile(file)
	before, _ := os.ReadFile(file + ".1")
	if string(now) != "new" || string(before) != "old and long" {
		t.Errorf("now %q, before %q", now, before)
	}
}
