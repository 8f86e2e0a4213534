package dev_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/hawos/hawos/hawosgen/dev/supervise"
)

// shows waits until a file that another program writes has the text behind what was waited for last: shows FILE TEXT.
func shows(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: shows FILE TEXT")
	}
	seen, _ := strconv.Atoi(ts.Getenv("SEEN")) // empty: nothing yet
	until(ts, args[1], func() bool {
		text, _ := os.ReadFile(ts.MkAbs(args[0])) // not there yet: nothing
		at := strings.Index(string(text[min(seen, len(text)):]), args[1])
		if at >= 0 {
			ts.Setenv("SEEN", strconv.Itoa(seen+at+len(args[1])))
		}
		return at >= 0
	})
}

// remember keeps the processes of all programs for restarted and undisturbed.
func remember(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 0 {
		ts.Fatalf("usage: remember")
	}
	state, err := supervise.In(ts.Getenv("WORK") + "/demo").State()
	ts.Check(err)
	for _, s := range state.Programs {
		ts.Setenv("PROCESS_"+s.Program.Name, identity(s))
	}
}

// restarted waits until programs are ready in another process than was remembered: restarted PROGRAM...
func restarted(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: restarted PROGRAM...")
	}
	for _, name := range args {
		until(ts, name+" restarted", func() bool {
			s := status(ts, name)
			return s.Phase == supervise.Ready && identity(s) != ts.Getenv("PROCESS_"+name)
		})
	}
}

// undisturbed demands that programs run in the process that was remembered: undisturbed PROGRAM...
func undisturbed(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: undisturbed PROGRAM...")
	}
	for _, name := range args {
		if s := status(ts, name); s.Phase != supervise.Ready || identity(s) != ts.Getenv("PROCESS_"+name) {
			ts.Fatalf("%s is %+v, and was process %s", name, s, ts.Getenv("PROCESS_"+name))
		}
	}
}

func status(ts *testscript.TestScript, name string) supervise.Status {
	state, err := supervise.In(ts.Getenv("WORK") + "/demo").State()
	ts.Check(err)
	s, _ := state.Find(name)
	return s
}

func identity(s supervise.Status) string { return fmt.Sprint(s.Process) }

func until(ts *testscript.TestScript, what string, ok func() bool) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	end := time.After(30 * time.Second)
	for !ok() {
		select {
		case <-tick.C:
		case <-end:
			ts.Fatalf("waited 30 s in vain: %s", what)
		}
	}
}
