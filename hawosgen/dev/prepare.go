package dev

import (
	"context"

	"github.com/hawos/hawos/hawosgen/dev/supervise"
	"github.com/hawos/hawos/hawosgen/origin"
	"github.com/hawos/hawos/hawosgen/project"
)

// prepare builds everything and returns what should run.
func prepare(ctx context.Context, p *project.Project, dir supervise.Dir, o UpOptions, before supervise.State, steps Steps) (spec supervise.Spec, err error) {
	if created, err := project.EnsureSecrets(p.Dir); err != nil {
		return spec, err
	} else if created {
		steps.Note("wrote " + project.SecretsFile + " with new secrets")
	}
	var args []string
	if o.Queue != "" {
		args = []string{"--queue.type", o.Queue}
	}
	apps, err := findApps(p, o.Scale, args...)
	if err != nil {
		return spec, err
	}
	pl := &plan{root: p.Dir, dir: dir, apps: apps, parts: infraParts(apps), queue: o.Queue}
	running := func(program string) bool {
		status, ok := before.Find(program)
		return ok && status.Process.Alive()
	}
	if err := pl.checkPorts(o.AutoPorts, running); err != nil {
		return spec, err
	}
	if err := pl.build(ctx, steps); err != nil {
		return spec, err
	}
	if pl.ports, err = loadPorts(dir, o.AutoPorts, running); err != nil {
		return spec, err
	}
	spec, err = pl.spec()
	pl.ports.release()
	spec.Revision = before.Revision + 1
	if err != nil {
		return spec, err
	}
	return spec, pl.ports.save()
}

func (p *plan) build(ctx context.Context, steps Steps) error {
	err := steps.Do("build the services", func() (string, error) {
		return count(len(p.apps), "program"), buildApps(ctx, p.root, p.dir, p.apps)
	})
	if err != nil || len(p.parts) == 0 {
		return err
	}
	from := origin.Find()
	if p.infraBin, err = infraBinary(from); err != nil {
		return err
	}
	name := "build hawos-infra"
	if !infraBuilt(p.infraBin) {
		name += " (the first time: minutes)"
	}
	return steps.Do(name, func() (string, error) { return "", buildInfra(ctx, from, p.infraBin) })
}
