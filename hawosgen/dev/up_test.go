package dev_test

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/hawos/hawos/hawosgen/dev"
	"github.com/hawos/hawos/hawosgen/dev/supervise"
)

func TestUpRunsTheProjectUntilDown(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	result := d.mustUp(dev.UpOptions{})
	if got := d.healthy(); got != "frontend-1 chat-1 chat-2" {
		t.Errorf("healthy: %s", got)
	}
	frontend, _ := result.State.Find("frontend-1")
	if want := fmt.Sprintf("ws://127.0.0.1:%d/ws", d.ws); frontend.Program.Links[0].URL != want {
		t.Errorf("the frontend is at %s, want %s", frontend.Program.Links[0].URL, want)
	}
	stopped, err := dev.Down(t.Context(), d.dir, quiet{})
	if err != nil || stopped != 3 {
		t.Errorf("down: %d, %v; want 3", stopped, err)
	}
	for _, s := range result.State.Programs {
		if s.Process.Alive() {
			t.Errorf("%s still runs", s.Program.Name)
		}
	}
	if stopped, err := dev.Down(t.Context(), d.dir, quiet{}); err != nil || stopped != 0 {
		t.Errorf("second down: %d, %v; want 0", stopped, err)
	}
}

func TestUpTwiceChangesNothing(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	first := d.mustUp(dev.UpOptions{})
	second := d.mustUp(dev.UpOptions{})
	if !second.Ran || second.Changed {
		t.Errorf("second up: ran %t, changed %t; want true, false", second.Ran, second.Changed)
	}
	for _, s := range first.State.Programs {
		if now, _ := second.State.Find(s.Program.Name); now.Process != s.Process {
			t.Errorf("%s was started again", s.Program.Name)
		}
	}
}

func TestUpAgainStartsWhatIsNewAlone(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	before := d.mustUp(dev.UpOptions{})
	if err := os.MkdirAll(d.dir+"/cmd/rank", 0o755); err != nil {
		t.Fatal(err)
	}
	d.write("cmd/rank/main.go", "package main\n\nimport \"github.com/hawos/hawos/runtime/app\"\n\nfunc main() { app.Main(\"rank\") }\n")
	after := d.mustUp(dev.UpOptions{Scale: map[string]int{"chat": 1}})
	if got := d.healthy(); got != "frontend-1 chat-1 rank-1" {
		t.Errorf("healthy: %s", got)
	}
	was, _ := before.State.Find("frontend-1")
	if now, _ := after.State.Find("frontend-1"); now.Process != was.Process {
		t.Error("the frontend was started again")
	}
	// A changed setting of a service concerns that service; its ports stay.
	d.write("config/rank.yaml", "log:\n  level: debug\n")
	again := d.mustUp(dev.UpOptions{Scale: map[string]int{"chat": 1}})
	now, _ := again.State.Find("rank-1")
	if old, _ := after.State.Find("rank-1"); now.Process == old.Process || now.Program.Ready.URL != old.Program.Ready.URL {
		t.Errorf("after a change of its settings rank-1 is %+v, before it was %+v", now, old)
	}
	if now, _ := again.State.Find("frontend-1"); now.Process != was.Process {
		t.Error("the frontend was started again for a setting of rank")
	}
}

func TestFrontendsKeepTheirClientsOverANewBuild(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	first := d.mustUp(dev.UpOptions{})
	d.write("hawos/runtime/frontend/frontend.go", "package frontend\n\nconst Word = \"with a new table\"\n")
	d.write("cmd/chat/new.go", "package main\n\nfunc init() { println(\"new\") }\n")
	second := d.mustUp(dev.UpOptions{})
	third := d.mustUp(dev.UpOptions{Restart: true})
	for name, changed := range map[string][2]bool{"frontend-1": {false, true}, "chat-1": {true, false}} {
		a, _ := first.State.Find(name)
		b, _ := second.State.Find(name)
		c, _ := third.State.Find(name)
		if got := [2]bool{a.Process != b.Process, b.Process != c.Process}; got != changed {
			t.Errorf("%s started again by up, up --restart: %v, want %v", name, got, changed)
		}
	}
}

func TestAFailedStartShowsTheLogAndLeavesNothing(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.write("config/chat.fails", "dial etcd: refused\nand that was it\n")
	_, err := d.up(dev.UpOptions{})
	var failed *dev.StartError
	if !errors.As(err, &failed) {
		t.Fatalf("got %v, want a StartError", err)
	}
	if !strings.HasPrefix(failed.Program, "chat-") || failed.Tail != "dial etcd: refused\nand that was it" {
		t.Errorf("got %+v", failed)
	}
	for _, want := range []string{failed.Log, "exit status 1", "nothing is left running"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q does not say %q", err, want)
		}
	}
	if got := d.healthy(); got != "" {
		t.Errorf("still running: %s", got)
	}
	if _, alive := supervise.In(d.dir).Alive(); alive {
		t.Error("the supervisor still runs")
	}
}

func TestATakenPortIsNamedAndCanBeAvoided(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", d.ws))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, err = d.up(dev.UpOptions{})
	var taken dev.PortsTakenError
	if !errors.As(err, &taken) || len(taken) != 1 {
		t.Fatalf("got %v, want a PortsTakenError", err)
	}
	if taken[0].Setting != "ws.port of frontend" || taken[0].Port != d.ws || !strings.Contains(taken[0].By, fmt.Sprint(os.Getpid())) {
		t.Errorf("got %+v", taken[0])
	}
	d.write("config/frontend.yaml", fmt.Sprintf("ws:\n  port: %d\n  origins: [\"http://localhost:%[1]d\"]\n", d.ws))
	result := d.mustUp(dev.UpOptions{AutoPorts: true})
	frontend, _ := result.State.Find("frontend-1")
	if strings.Contains(frontend.Program.Links[0].URL, fmt.Sprint(d.ws)) {
		t.Errorf("the frontend is at the taken port: %s", frontend.Program.Links[0].URL)
	}
	_, port, _ := net.SplitHostPort(strings.TrimSuffix(strings.TrimPrefix(frontend.Program.Links[0].URL, "ws://"), "/ws"))
	origins := fmt.Sprintf("--ws.origins http://localhost:%d,http://localhost:%s", d.ws, port)
	if args := strings.Join(frontend.Program.Args, " "); !strings.Contains(args, origins) {
		t.Errorf("the frontend's flags %q do not let in pages that moved: %q", args, origins)
	}
	// The choice holds for as long as it runs.
	again := d.mustUp(dev.UpOptions{})
	if now, _ := again.State.Find("frontend-1"); now.Process != frontend.Process {
		t.Error("up without --auto-ports started the frontend again")
	}
}

func TestAServiceThatDoesNotCompileIsReported(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.write("cmd/chat/broken.go", "package main\n\nimport \"github.com/hawos/hawos/runtime/app\"\n\nvar x = app.Nothing\n")
	_, err := d.up(dev.UpOptions{})
	if err == nil || !strings.Contains(err.Error(), "cmd/chat/broken.go:5:13: undefined: app.Nothing") {
		t.Errorf("got %v", err)
	}
}

func TestTwoProjectsRunSideBySide(t *testing.T) {
	t.Parallel()
	one, two := newDemo(t), newDemo(t)
	one.mustUp(dev.UpOptions{})
	two.mustUp(dev.UpOptions{Queue: "nsq"})
	if _, err := dev.Down(t.Context(), one.dir, quiet{}); err != nil {
		t.Fatal(err)
	}
	if got := two.healthy(); got != "frontend-1 chat-1 chat-2" {
		t.Errorf("healthy in the other project: %s", got)
	}
}

func TestUnknownServicesAreNotScaled(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	if _, err := d.up(dev.UpOptions{Scale: map[string]int{"tool": 2}}); err == nil || !strings.Contains(err.Error(), "--scale tool") {
		t.Errorf("got %v", err)
	}
}

func TestUpAfterACrashOfTheSupervisorStartsAnew(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	before := d.mustUp(dev.UpOptions{})
	if err := before.State.Supervisor.Kill(); err != nil {
		t.Fatal(err)
	}
	d.eventually("the supervisor is gone", func() bool { return !before.State.Supervisor.Alive() })
	after := d.mustUp(dev.UpOptions{})
	if after.Ran {
		t.Error("a dead supervisor counts as running")
	}
	for _, s := range before.State.Programs {
		if s.Process.Alive() {
			t.Errorf("%s of before still runs", s.Program.Name)
		}
	}
	if got := d.healthy(); got != "frontend-1 chat-1 chat-2" {
		t.Errorf("healthy: %s", got)
	}
}

func TestLogsFollowWhatIsWritten(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.mustUp(dev.UpOptions{})
	logs, err := dev.Logs(d.dir, "chat")
	if err != nil || len(logs) != 2 {
		t.Fatalf("logs of chat: %d, %v; want 2", len(logs), err)
	}
	text, err := logs[1].Last(5)
	if err != nil || text != "ready chat 2 \n" {
		t.Errorf("the log of %s: %q, %v", logs[1].Program, text, err)
	}
	f, err := os.OpenFile(supervise.In(d.dir).Log("chat-2"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	fmt.Fprint(f, "half a")
	if got, err := logs[1].More(); got != "" || err != nil {
		t.Errorf("of half a line: %q, %v", got, err)
	}
	fmt.Fprint(f, " line\n")
	if got, err := logs[1].More(); got != "half a line\n" || err != nil {
		t.Errorf("got %q, %v", got, err)
	}
	if err := f.Truncate(0); err != nil {
		t.Fatal(err)
	}
	fmt.Fprint(f, "new\n")
	if got, err := logs[1].More(); got != "new\n" || err != nil {
		t.Errorf("after a rotation: %q, %v", got, err)
	}
}
