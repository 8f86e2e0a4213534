package dev

import (
	"fmt"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/runtime/config"
)

// What a main package imports tells what it is: a folder in cmd/ may also hold a tool.
const (
	appPackage      = "github.com/hawos/hawos/runtime/app"
	frontendPackage = "github.com/hawos/hawos/runtime/frontend"
)

// app is one of the project's services, with its settings as far as they can be read.
type app struct {
	name     string
	frontend bool
	config   config.Config
	faults   error // what the service will complain about, or nil
	scale    int
}

// findApps returns the project's services, sorted by name. args are settings that override those of the files.
func findApps(p *project.Project, scale map[string]int, args ...string) ([]app, error) {
	names, err := p.Services()
	if err != nil {
		return nil, err
	}
	var apps []app
	for _, name := range names {
		imports, err := importsOf(p.Path("cmd", name))
		if err != nil {
			return nil, err
		}
		if !slices.Contains(imports, appPackage) {
			continue
		}
		a := app{name: name, frontend: slices.Contains(imports, frontendPackage), scale: 1}
		// The service itself reports what is wrong with its settings, and may have more than these.
		a.config, a.faults = config.Load(name, append([]string{"--config", p.Path("config")}, args...))
		if n, ok := p.Up.Scale[name]; ok {
			a.scale = n
		}
		if n, ok := scale[name]; ok {
			a.scale = n
		}
		apps = append(apps, a)
	}
	if len(apps) == 0 {
		return nil, fmt.Errorf("nothing to run: no folder in %s holds a service", p.Path("cmd"))
	}
	return apps, checkScale(apps, scale)
}

// listen is an address that an instance listens on.
type listen struct {
	what         string // ws, http, rpc or admin: its settings and flags begin so
	ip           string
	port         int    // 0: any
	scheme, path string // of its URL; empty: nothing for people
}

// listens returns the addresses of an instance. A service that serves HTTP at a port of its own choice, http.port 0,
// looks like one that does not.
func (a app) listens() []listen {
	c := a.config
	var all []listen
	if a.frontend || c.WS.Port != 0 {
		all = append(all, listen{"ws", c.WS.IP, c.WS.Port, "ws://", c.WS.Path})
	}
	if c.HTTP.Port != 0 {
		all = append(all, listen{"http", c.HTTP.IP, c.HTTP.Port, "http://", "/"})
	}
	return append(all,
		listen{what: "rpc", ip: c.RPC.IP, port: c.RPC.Port},
		listen{"admin", c.Admin.IP, c.Admin.Port, "http://", "/"})
}

func checkScale(apps []app, scale map[string]int) error {
	for name := range scale {
		if !slices.ContainsFunc(apps, func(a app) bool { return a.name == name }) {
			return fmt.Errorf("--scale %s: the project has no service of that name", name)
		}
	}
	return nil
}

// importsOf returns what the Go files of a folder import.
func importsOf(dir string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.go"))
	if err != nil {
		return nil, err
	}
	var all []string
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, text, parser.ImportsOnly)
		if err != nil {
			return nil, err
		}
		for _, spec := range parsed.Imports {
			if path, err := strconv.Unquote(spec.Path.Value); err == nil {
				all = append(all, path)
			}
		}
	}
	return all, nil
}

// Parts of hawos-infra, by the names of its flag --parts.
const (
	partEtcd  = "etcd"
	partRedis = "redis"
	partKafka = "kafka"
	partNSQ   = "nsq"
)

// infraParts returns the servers that the settings do not name, so that hawos-infra has to run them.
func infraParts(apps []app) []string {
	needs := make(map[string]bool)
	for _, a := range apps {
		c := a.config
		needs[partEtcd] = needs[partEtcd] || len(c.Etcd.Endpoints) == 0
		needs[partRedis] = needs[partRedis] || c.Redis.Address == ""
		needs[partKafka] = needs[partKafka] || c.Queue.Type == partKafka && len(c.Queue.Kafka.Brokers) == 0
		needs[partNSQ] = needs[partNSQ] || c.Queue.Type == partNSQ && c.Queue.NSQ.NSQD == "" && len(c.Queue.NSQ.Lookupd) == 0
	}
	var parts []string
	for _, part := range []string{partEtcd, partRedis, partKafka, partNSQ} {
		if needs[part] {
			parts = append(parts, part)
		}
	}
	return parts
}

// infraEnv returns the environment that names a part's address to the services.
func infraEnv(part, addr string) string {
	switch part {
	case partEtcd:
		return "HAWOS_ETCD_ENDPOINTS=" + addr
	case partRedis:
		return "HAWOS_REDIS_ADDRESS=" + addr
	case partKafka:
		return "HAWOS_QUEUE_KAFKA_BROKERS=" + addr
	default:
		return "HAWOS_QUEUE_NSQ_NSQD=" + addr
	}
}
