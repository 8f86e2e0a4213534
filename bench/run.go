package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/hawos/hawos/bench/report"
)

// budget ends a run that hangs.
const budget = 45 * time.Minute

func runAll(args []string) error {
	f := flag.NewFlagSet("run", flag.ExitOnError)
	quick := f.Bool("quick", false, "about 2 minutes: fewer scenarios, shorter")
	rounds := f.Int("rounds", 3, "how often each scenario is measured; the median counts")
	only := f.String("only", "", "scenarios whose name contains this")
	idle := f.Bool("idle", true, "measure idle connections too")
	out := f.String("out", "results", "folder for results.json, results.md and plots")
	_ = f.Parse(args) // exits by itself
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, budget)
	defer cancel()
	b := &bench{chosen: *only, set: report.Set{Machine: report.ThisMachine(), Quick: *quick}}
	err := b.run(ctx, plan(*quick), *rounds)
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
	chosen  string
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
		order := slices.Clone(s.Systems)
		if n%2 == 0 {
			slices.Reverse(order)
		}
		for _, system := range order {
			if clusters[system] == nil {
				if clusters[system], err = startSystem(ctx, system, servers); err != nil {
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
		for _, system := range s.Systems {
			one := s
			one.Systems = []string{system}
			if err := b.round(ctx, n, []scenario{one}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b *bench) measure(ctx context.Context, round int, s scenario, c *cluster) error {
	r, err := c.do(ctx, s)
	if err != nil {
		return fmt.Errorf("%s, %s: %w", s.Name, c.system, err)
	}
	sample := report.Sample{Round: round, Scenario: s.Name, Group: s.Group, X: s.X, System: c.system, Conns: s.Load.Conns, Result: r}
	b.set.Samples = append(b.set.Samples, sample)
	fmt.Printf("%6s  round %d  %-34s %-10s %s\n", time.Since(b.set.Machine.Begun).Round(time.Second), round, s.Name, c.system, sample)
	return nil
}
