package dev

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"github.com/hawos/hawos/hawosgen/dev/supervise"
	"github.com/hawos/hawos/hawosgen/infra/state"
	"github.com/hawos/hawos/hawosgen/project"
	"github.com/hawos/hawos/runtime/config"
)

// Settings returns those of the project's frontend, with the servers that hawos-infra runs for it, and where clients
// connect: ws://host:port/path.
func Settings(p *project.Project) (c config.Config, url string, err error) {
	apps, err := findApps(p, nil)
	if err != nil {
		return c, "", err
	}
	i := slices.IndexFunc(apps, func(a app) bool { return a.frontend })
	if i < 0 {
		return c, "", fmt.Errorf("no service in %s is a frontend", p.Path("cmd"))
	}
	dir := supervise.In(p.Dir)
	args := []string{"--config", p.Path("config")}
	infra, err := state.Read(dir.Path("infra.json"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return c, "", err
	}
	if addr := infra.Addr(partEtcd); addr != "" && len(apps[i].config.Etcd.Endpoints) == 0 {
		args = append(args, "--etcd.endpoints", addr)
	}
	if c, err = config.Load(apps[i].name, args); err != nil {
		return c, "", err
	}
	now, err := dir.State()
	if err != nil {
		return c, "", err
	}
	for _, s := range now.Programs {
		for _, l := range s.Program.Links {
			if l.Label == "ws" {
				return c, l.URL, nil
			}
		}
	}
	return c, "ws://" + reachable(c.WS.IP, c.WS.Port) + c.WS.Path, nil
}
