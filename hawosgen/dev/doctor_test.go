package dev_test

import (
	"fmt"
	"net"
	"strings"
	"testing"

	"github.com/hawos/hawos/hawosgen/dev"
	"github.com/hawos/hawos/hawosgen/project"
)

func TestDoctorFindsWhatUpWouldStumbleOver(t *testing.T) {
	t.Parallel()
	d := newDemo(t)
	d.write("config/chat.yaml", "chat:\n  history: 50\nlog:\n  level: loud\n")
	l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", d.ws))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	p, err := project.Load(d.dir)
	if err != nil {
		t.Fatal(err)
	}
	findings := dev.Project(p)
	for about, want := range map[string]struct {
		level dev.Level
		text  string
	}{
		"secrets":                    {dev.Note, "hawosgen up writes one"},
		"settings of chat":           {dev.Fault, "log.level"},
		"settings of frontend":       {dev.Fine, "1 instance"},
		fmt.Sprintf("port %d", d.ws): {dev.Fault, "ws.port of frontend"},
	} {
		got := find(findings, about)
		if got.Level != want.level || !strings.Contains(got.Text, want.text) {
			t.Errorf("%s: got %+v, want level %d and %q", about, got, want.level, want.text)
		}
	}
	if chat := find(findings, "settings of chat"); strings.Contains(chat.Text, "history") {
		t.Errorf("a setting of the service's own is a fault: %s", chat.Text)
	}
}

func TestDoctorKnowsThisMachine(t *testing.T) {
	findings := dev.Machine(t.Context())
	if f := find(findings, "go"); f.Level != dev.Fine {
		t.Errorf("the Go that runs this test: %+v", f)
	}
	t.Setenv("PATH", t.TempDir())
	findings = dev.Machine(t.Context())
	for _, about := range []string{"C compiler", "Redis", "NSQ"} {
		if f := find(findings, about); f.Level != dev.Note {
			t.Errorf("%s on an empty PATH: %+v", about, f)
		}
	}
	if f := find(findings, "go"); f.Level != dev.Fault {
		t.Errorf("go on an empty PATH: %+v", f)
	}
}

func find(all []dev.Finding, about string) dev.Finding {
	for _, f := range all {
		if f.About == about {
			return f
		}
	}
	return dev.Finding{Level: -1}
}
