package proc_test

import (
	"context"
	"errors"
	"net"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hawos/hawos/hawosgen/dev/proc"
)

func TestAnIDIsOneProcessOnly(t *testing.T) {
	self, err := proc.Of(os.Getpid())
	if err != nil {
		t.Fatal(err)
	}
	if !self.Alive() {
		t.Error("this process is not alive")
	}
	other := proc.ID{PID: self.PID, Start: self.Start + "0"}
	if other.Alive() {
		t.Error("a process that started at another time counts as this one")
	}
	if err := other.Signal(syscall.SIGKILL); !errors.Is(err, proc.ErrGone) {
		t.Errorf("signal to a process whose number was given away: got %v, want ErrGone", err)
	}
	if err := other.Kill(); err != nil {
		t.Errorf("kill: %v", err)
	}
	if (proc.ID{}).Alive() {
		t.Error("the zero ID is alive")
	}
}

func TestAZombieIsGone(t *testing.T) {
	cmd := exec.Command("true")
	if err := cmd.Start(); err != nil {
		t.Skip("no true on PATH")
	}
	defer cmd.Wait()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	id, err := proc.Of(cmd.Process.Pid)
	if errors.Is(err, proc.ErrGone) {
		return // it ended already, and nobody has waited for it yet
	}
	if err := id.Wait(ctx); err != nil {
		t.Errorf("an ended process that nobody waited for: %v", err)
	}
}

func TestStopKillsWhatDoesNotEnd(t *testing.T) {
	for script, wantKilled := range map[string]bool{
		"echo up; exec sleep 60":                           false,
		"trap '' TERM; echo up; while :; do sleep 1; done": true,
	} {
		cmd := exec.Command("sh", "-c", script)
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Skip("no sh on PATH")
		}
		if _, err := out.Read(make([]byte, 3)); err != nil {
			t.Fatal(err)
		}
		id, err := proc.Of(cmd.Process.Pid)
		if err != nil {
			t.Fatal(err)
		}
		killed, err := id.Stop(t.Context(), 300*time.Millisecond)
		if err != nil || killed != wantKilled {
			t.Errorf("%s: killed %t, %v; want %t", script, killed, err, wantKilled)
		}
		if id.Alive() {
			t.Errorf("%s: still alive", script)
		}
		cmd.Wait()
	}
}

func TestListenerNamesWhoHasAPort(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	if got := proc.Listener(port); got != os.Getpid() {
		t.Errorf("port %d belongs to process %d, want %d", port, got, os.Getpid())
	}
	if got := proc.Command(os.Getpid()); !strings.Contains(got, "proc.test") {
		t.Errorf("command of this process: %q", got)
	}
	l.Close()
	if got := proc.Listener(port); got != 0 {
		t.Errorf("closed port %d belongs to process %d", port, got)
	}
}
