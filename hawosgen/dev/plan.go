package dev

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/hawos/hawos/hawosgen/dev/supervise"
)

// Names and waves of programs: hawos-infra first, then the frontends, then the logic services. Stopping, frontends
// go first too, so that clients are sent away before what serves them is gone.
const (
	infraName = "infra"

	waveInfra    = 0
	waveFrontend = 1
	waveLogic    = 2
)

// plan makes the Spec of what should run.
type plan struct {
	root     string
	dir      supervise.Dir
	apps     []app
	parts    []string
	infraBin string
	queue    string // overrides queue.type; empty: as the settings say
	ports    *ports
}

func (p *plan) spec() (supervise.Spec, error) {
	var spec supervise.Spec
	var env []string
	if p.queue != "" {
		env = append(env, "HAWOS_QUEUE_TYPE="+p.queue)
	}
	if len(p.parts) > 0 {
		infra, infraEnv, err := p.infra()
		if err != nil {
			return spec, err
		}
		spec.Programs, env = append(spec.Programs, infra), append(env, infraEnv...)
	}
	for _, a := range p.apps {
		for i := range a.scale {
			program, err := p.instance(a, i+1, env)
			if err != nil {
				return spec, err
			}
			spec.Programs = append(spec.Programs, program)
		}
	}
	for _, a := range p.apps {
		p.allowMoved(a, spec.Programs)
	}
	slices.SortStableFunc(spec.Programs, func(a, b supervise.Program) int { return a.Wave - b.Wave })
	if len(p.ports.taken) > 0 {
		return spec, PortsTakenError(p.ports.taken)
	}
	return spec, nil
}

// infra returns hawos-infra, and the environment that names its servers to the services.
func (p *plan) infra() (infra supervise.Program, env []string, err error) {
	infra = supervise.Program{
		Name: infraName, Wave: waveInfra, Bin: p.infraBin,
		Args: []string{"--data", p.dir.Path("data"), "--state", p.dir.Path("infra.json"), "--parts", strings.Join(p.parts, ",")},
	}
	if infra.Build, err = fingerprint(p.infraBin); err != nil {
		return infra, nil, err
	}
	for _, part := range p.parts {
		choose := p.ports.any
		if part == partNSQ {
			choose = p.ports.anyPair // its HTTP API has the port after
		}
		port, err := choose(infraName, part)
		if err != nil {
			return infra, nil, err
		}
		addr := net.JoinHostPort(loopback, strconv.Itoa(port))
		infra.Args = append(infra.Args, "--"+part+"-port", strconv.Itoa(port))
		infra.Ready.Dial = append(infra.Ready.Dial, addr)
		env = append(env, infraEnv(part, addr))
	}
	return infra, env, nil
}

// instance returns the program that is the service's n-th instance, counted from 1.
func (p *plan) instance(a app, n int, env []string) (supervise.Program, error) {
	id := strconv.Itoa(n)
	s := supervise.Program{
		Name: a.name + "-" + id, Wave: waveLogic, Bin: p.dir.Path("bin", a.name), Dir: p.root, Env: env,
		Args: []string{"--config", filepath.Join(p.root, "config"), "--id", id},
	}
	if a.frontend {
		s.Wave = waveFrontend
	}
	var err error
	if s.Build, err = fingerprint(s.Bin); err != nil {
		return s, err
	}
	if s.Settings, err = fingerprint(p.settingsOf(a.name)...); err != nil {
		return s, err
	}
	for _, l := range a.listens() {
		port, err := p.port(s.Name, a.name, l, n)
		if err != nil {
			return s, fmt.Errorf("choose %s.port of %s: %w", l.what, s.Name, err)
		}
		s.Args = append(s.Args, "--"+l.what+".port", strconv.Itoa(port))
		link := supervise.Link{Label: l.what, URL: l.scheme + reachable(l.ip, port) + l.path}
		if l.scheme != "" {
			s.Links = append(s.Links, link)
		}
		if l.what == "admin" {
			s.Ready.URL = link.URL + "readyz"
		}
	}
	return s, nil
}

// port chooses the port of an app's n-th instance. One that the settings name is the first instance's; the others
// have those after it.
func (p *plan) port(program, app string, l listen, n int) (int, error) {
	if l.port == 0 {
		return p.ports.any(program, l.what)
	}
	return p.ports.fixed(program, l.what, fmt.Sprintf("%s.port of %s", l.what, app), l.ip, l.port+n-1)
}

// checkPorts says which ports of the settings are taken before a build that may last minutes. They are chosen after
// it: another may take them meanwhile.
func (p *plan) checkPorts(auto bool, running func(program string) bool) error {
	ports, err := loadPorts(p.dir, auto, running)
	if err != nil {
		return err
	}
	defer ports.release()
	trial := *p
	trial.ports = ports
	for _, a := range p.apps {
		for _, l := range a.listens() {
			for n := 1; n <= a.scale && l.port != 0; n++ {
				if _, err := trial.port(a.name+"-"+strconv.Itoa(n), a.name, l, n); err != nil {
					return fmt.Errorf("choose %s.port of %s: %w", l.what, a.name, err)
				}
			}
		}
	}
	if len(ports.taken) > 0 {
		return PortsTakenError(ports.taken)
	}
	return nil
}

// allowMoved lets the pages in whose origin the frontend's settings name with a port that is another one now.
func (p *plan) allowMoved(a app, programs []supervise.Program) {
	origins := slices.Clone(a.config.WS.Origins)
	for _, origin := range a.config.WS.Origins {
		u, err := url.Parse(origin)
		if err != nil {
			continue
		}
		port, _ := strconv.Atoi(u.Port())
		if to := p.ports.moved[port]; to != 0 {
			u.Host = net.JoinHostPort(u.Hostname(), strconv.Itoa(to))
			origins = append(origins, u.String())
		}
	}
	if len(origins) == len(a.config.WS.Origins) {
		return
	}
	for i := range programs {
		if serviceOf(programs[i].Name) == a.name {
			programs[i].Args = append(programs[i].Args, "--ws.origins", strings.Join(origins, ","))
		}
	}
}

// reachable returns where a client on this machine finds what listens at ip.
func reachable(ip string, port int) string {
	if parsed := net.ParseIP(ip); ip == "" || parsed != nil && parsed.IsUnspecified() {
		ip = loopback
	}
	return net.JoinHostPort(ip, strconv.Itoa(port))
}

// settingsOf returns the files that the service may read at its start: all in config but other services' own.
func (p *plan) settingsOf(name string) []string {
	files, _ := filepath.Glob(filepath.Join(p.root, "config", "*")) // the pattern is well-formed
	return slices.DeleteFunc(files, func(file string) bool {
		info, err := os.Stat(file)
		others := slices.ContainsFunc(p.apps, func(a app) bool {
			return a.name != name && filepath.Base(file) == a.name+".yaml"
		})
		return err != nil || !info.Mode().IsRegular() || others
	})
}

// fingerprint returns a short hash of the files' contents.
func fingerprint(files ...string) (string, error) {
	h := sha256.New()
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			return "", err
		}
		fmt.Fprintln(h, name)
		_, err = io.Copy(h, f)
		f.Close()
		if err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)[:8]), nil
}
