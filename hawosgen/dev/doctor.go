package dev

import (
	"context"
	"errors"
	"fmt"
	"go/version"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hawos/hawos/hawosgen/dev/supervise"
	"github.com/hawos/hawos/hawosgen/origin"
	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/runtime/config"
)

// minGo is the Go that hawos and what it generates need.
const minGo = "go1.26"

// Level is how much a finding matters.
type Level int

// The levels.
const (
	Fine  Level = iota
	Note        // good to know
	Fault       // something will not work
)

// Finding is one thing that Doctor looked at.
type Finding struct {
	Level Level
	About string // what was looked at
	Text  string // what was found, and for a fault what to do
}

// Machine looks at what hawosgen needs of this machine.
func Machine(ctx context.Context) []Finding {
	return []Finding{
		goFinding(ctx), raceFinding(ctx), cacheFinding(),
		toolFinding("redis-server", "Redis", "miniredis, a stand-in in Go"),
		toolFinding("nsqd", "NSQ", "a stand-in in Go"),
		{Fine, "etcd", "hawos-infra runs the real one"},
		{Fine, "Kafka", "hawos-infra runs a stand-in that speaks its protocol (kfake)"},
		infraFinding(),
	}
}

func goFinding(ctx context.Context) Finding {
	out, err := exec.CommandContext(ctx, "go", "env", "GOVERSION").Output()
	found := strings.TrimSpace(string(out))
	switch {
	case err != nil:
		return Finding{Fault, "go", "not found on PATH; install it from https://go.dev/dl"}
	case version.Compare(found, minGo) < 0:
		return Finding{Fault, "go", found + " is too old: hawos needs " + minGo + " or later, from https://go.dev/dl"}
	}
	return Finding{Fine, "go", found}
}

func raceFinding(ctx context.Context) Finding {
	out, err := exec.CommandContext(ctx, "go", "env", "CC").Output()
	compiler := strings.TrimSpace(string(out))
	if err != nil || compiler == "" {
		compiler = "gcc"
	}
	if path, err := exec.LookPath(strings.Fields(compiler)[0]); err == nil {
		return Finding{Fine, "C compiler", path + ", so go test -race works"}
	}
	return Finding{Note, "C compiler", compiler + " is not on PATH, so go test works without -race only"}
}

func cacheFinding() Finding {
	bin, err := infraBinary(origin.Find())
	if err != nil {
		return Finding{Fault, "cache", err.Error()}
	}
	dir := filepath.Dir(bin)
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return Finding{Fault, "cache", fmt.Sprintf("%v; set XDG_CACHE_HOME to a folder that can be written", err)}
	}
	f, err := os.CreateTemp(dir, "doctor-*")
	if err != nil {
		return Finding{Fault, "cache", fmt.Sprintf("%v; set XDG_CACHE_HOME to a folder that can be written", err)}
	}
	f.Close()
	os.Remove(f.Name())
	return Finding{Fine, "cache", dir}
}

func toolFinding(tool, about, standIn string) Finding {
	if path, err := exec.LookPath(tool); err == nil {
		return Finding{Fine, about, "hawos-infra runs the real one, " + path}
	}
	return Finding{Note, about, tool + " is not on PATH, so hawos-infra runs " + standIn}
}

func infraFinding() Finding {
	bin, err := infraBinary(origin.Find())
	if err != nil || !infraBuilt(bin) {
		return Finding{Note, "hawos-infra", "not built yet: the first hawosgen up takes minutes"}
	}
	return Finding{Fine, "hawos-infra", bin}
}

// Project looks at what hawosgen up needs of the project.
func Project(p *project.Project) []Finding {
	secrets := Finding{Fine, "secrets", project.SecretsFile}
	if _, err := os.Stat(p.Path(project.SecretsFile)); err != nil {
		secrets = Finding{Note, "secrets", project.SecretsFile + " is not there; hawosgen up writes one"}
	}
	apps, err := findApps(p, nil)
	if err != nil {
		return []Finding{secrets, {Fault, "services", err.Error()}}
	}
	all := []Finding{secrets}
	for _, a := range apps {
		all = append(all, configFinding(a, secrets.Level == Note))
	}
	return append(all, portFindings(p, apps)...)
}

func configFinding(a app, noSecrets bool) Finding {
	about := "settings of " + a.name
	var faults config.Faults
	errors.As(a.faults, &faults)
	var texts []string
	for _, f := range faults {
		// hawosgen up names the servers and writes the secrets, and a service may have settings of its own.
		named := f.Text == config.Missing("etcd.endpoints").Error()
		written := noSecrets && (f.Key == "rpc.token" || f.Key == "jwt.secret")
		if !named && !written && !strings.HasPrefix(f.Text, "unknown setting") {
			texts = append(texts, f.String())
		}
	}
	if len(texts) > 0 {
		return Finding{Fault, about, strings.Join(texts, "\n")}
	}
	return Finding{Fine, about, count(a.scale, "instance") + " to run"}
}

// portFindings looks at the ports that the settings name. Those of a running project are its own.
func portFindings(p *project.Project, apps []app) []Finding {
	var all []Finding
	now, _ := supervise.In(p.Dir).State()
	for _, a := range apps {
		for _, l := range a.listens() {
			if l.port == 0 {
				continue
			}
			f := Finding{Fine, "port " + strconv.Itoa(l.port), "free, for " + l.what + ".port of " + a.name}
			ours := slices.ContainsFunc(now.Programs, func(s supervise.Status) bool { return serviceOf(s.Program.Name) == a.name })
			switch listener, err := net.Listen("tcp", net.JoinHostPort(l.ip, strconv.Itoa(l.port))); {
			case err == nil:
				listener.Close()
			case ours:
				f.Text = a.name + " runs there"
			default:
				f.Level, f.Text = Fault, fmt.Sprintf("taken by %s, but it is %s.port of %s: stop that, change the setting, or use hawosgen up --auto-ports", holder(l.port), l.what, a.name)
			}
			all = append(all, f)
		}
	}
	return all
}
