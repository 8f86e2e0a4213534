package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/hawos/hawos/bench/control"
	"github.com/hawos/hawos/bench/report"
)

// budget ends a run that hangs.
const budget = 45 * time.Minute

func runAll(args []string) error {
	f := flag.NewFlagSet("run", flag.ExitOnError)
	quick := f.Bool("quick", false, "about 2 minutes: fewer scenarios, shorter")
	rounds := f.Int("rounds", 3, "how often each scenario is measured; the median counts")
	only := f.String("only", "", "scenarios whose name contains this")
	before := f.String("before", "", "this program as it was built before a change: its hawos is measured too, as \"before\"")
	systems := f.String("systems", "", "measure only these, with commas")
	idle := f.Bool("idle", true, "measure idle connections too")
	profile := f.Bool("profile", false, "write CPU profiles of gateway and logic too; they cost a little themselves")
	out := f.String("out", "results", "folder for results.json, results.md and plots")
	_ = f.Parse(args) // exits by itself
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	b := &bench{chosen: *only, systems: *systems, before: *before, out: *out, profile: *profile, set: report.Set{Machine: report.ThisMachine(), Quick: *quick}}
	err := b.run(ctx, plan(*quick), *rounds)
	if err == nil {
		err = b.each(ctx, 1, stuckPlan())
	}
	if err == nil && *idle {
		err = b.each(ctx, 1, idlePlan(*quick))
	}
	b.set.Took = time.Since(b.set.Machine.Begun).Round(time.Second)
	if werr := b.set.Write(*out); werr != nil {
		return werr
	}
	return err
}

// bench gathers samples.
type bench struct {
	chosen  string // part of the scenarios' names; empty: all
	systems string // with commas; empty: all
	before  string // a program; empty: none
	out     string
	profile bool
	servers *servers
	set     report.Set
}

// run measures all scenarios in rounds, the systems one after another within
// each, so that what disturbs the machine disturbs all of them.
func (b *bench) run(ctx context.Context, plan []scenario, rounds int) error {
	for n := 1; n <= rounds; n++ {
		if err := b.round(ctx, n, plan); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) round(ctx context.Context, n int, plan []scenario) error {
	servers, err := startServers(ctx)
	if err != nil {
		return err
	}
	defer servers.stop()
	clusters := map[string]*cluster{}
	for _, s := range plan {
		if !strings.Contains(s.Name, b.chosen) {
			continue
		}
		order := b.order(s)
		if n%2 == 0 {
			slices.Reverse(order)
		}
		for _, system := range order {
			if clusters[system] == nil {
				program := ""
				if system == "before" {
					program = b.before
				}
				if clusters[system], err = startSystem(ctx, system, program, servers); err != nil {
					return err
				}
				defer clusters[system].stop()
			}
			if err := b.measure(ctx, n, s, clusters[system]); err != nil {
				return err
			}
		}
	}
	return nil
}

// each measures every system in new processes.
func (b *bench) each(ctx context.Context, n int, plan []scenario) error {
	for _, s := range plan {
		if !strings.Contains(s.Name, b.chosen) {
			continue
		}
		for _, system := range b.order(s) {
			one := s
			one.Systems = []string{system}
			if err := b.round(ctx, n, []scenario{one}); err != nil {
				return err
			}
		}
	}
	return nil
}

// order returns the systems to measure.
func (b *bench) order(s scenario) (order []string) {
	for _, system := range s.Systems {
		if b.systems == "" || slices.Contains(strings.Split(b.systems, ","), system) {
			order = append(order, system)
		}
	}
	if b.before != "" && slices.Contains(s.Systems, "hawos") && !slices.Contains(s.Systems, "before") {
		order = append(order, "before")
	}
	return order
}

func (b *bench) measure(ctx context.Context, round int, s scenario, c *cluster) error {
	var profiles sync.WaitGroup
	if b.profile {
		dir := filepath.Join(b.out, "profiles", strings.NewReplacer(" ", "-", ",", "", "/", "").Replace(s.Name))
		for part, addr := range c.watch {
			profiles.Go(func() {
				b.warn(control.Profile(ctx, addr, s.Load.Warmup, s.Load.Duration, dir, c.system+"-"+strings.ReplaceAll(part, " ", "-")))
			})
		}
	}
	r, err := c.do(ctx, s)
	profiles.Wait()
	if err != nil {
		return fmt.Errorf("%s, %s: %w", s.Name, c.system, err)
	}
	sample := report.Sample{Round: round, Scenario: s.Name, Group: s.Group, X: s.X, System: c.system, Conns: s.Load.Conns, Result: r}
	b.set.Samples = append(b.set.Samples, sample)
	fmt.Printf("%6s  round %d  %-34s %-10s %s\n", time.Since(b.set.Machine.Begun).Round(time.Second), round, s.Name, c.system, sample)
	return nil
}

func (b *bench) warn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
	}
}
