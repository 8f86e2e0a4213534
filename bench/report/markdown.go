package report

import (
	"fmt"
	"slices"
	"strings"
)

// title is what tables call a system.
func title(system string) string {
	switch system {
	case "unary":
		return "L3: unary gRPC per packet"
	case "tcp":
		return "L5: batched raw TCP link"
	case "hawos-8":
		return "hawos, 8 logic instances"
	case "echo":
		return "gorilla echo, no hop"
	}
	return system
}

// cell is the samples of one system in one scenario.
type cell []Sample

func (c cell) of(f func(Sample) float64) string { return c.format("%.1f", f) }

// format prints the median, and the spread where there is one.
func (c cell) format(verb string, f func(Sample) float64) string {
	var v []float64
	for _, s := range c {
		v = append(v, f(s))
	}
	mid, low, high := median(v)
	text := fmt.Sprintf(verb, mid)
	if len(v) > 1 {
		text += fmt.Sprintf(" ("+verb+"–"+verb+")", low, high)
	}
	return text
}

func (s Set) scenarios() (names []string) {
	for _, x := range s.Samples {
		if !slices.Contains(names, x.Scenario) {
			names = append(names, x.Scenario)
		}
	}
	return names
}

func (s Set) systems(scenario string) (names []string) {
	for _, x := range s.Samples {
		if x.Scenario == scenario && !slices.Contains(names, x.System) {
			names = append(names, x.System)
		}
	}
	return names
}

func (s Set) cell(scenario, system string) (c cell) {
	for _, x := range s.Samples {
		if x.Scenario == scenario && x.System == system {
			c = append(c, x)
		}
	}
	return c
}

// ratios returns f of the system divided by f of the other, round by round.
func (s Set) ratios(scenario, system, other string, f func(Sample) float64) (v []float64) {
	for _, x := range s.cell(scenario, system) {
		for _, y := range s.cell(scenario, other) {
			if x.Round == y.Round && f(y) > 0 {
				v = append(v, f(x)/f(y))
			}
		}
	}
	return v
}

func (s Set) markdown() string {
	var b strings.Builder
	m := s.Machine
	fmt.Fprintf(&b, "%d × %s, %s, %s; load of others at the beginning %s; took %s.\nMedian (least–greatest) of the rounds. CPU in µs per request or delivery, from the process accounts, without the load generator.\n",
		m.CPUs, m.CPU, m.OS, m.Go, m.LoadAtBegin, s.Took)
	for _, scenario := range s.scenarios() {
		fmt.Fprintf(&b, "\n### %s\n\n", scenario)
		if s.cell(scenario, s.systems(scenario)[0])[0].idle() {
			s.idleTable(&b, scenario)
		} else if x := s.cell(scenario, s.systems(scenario)[0])[0]; x.Result.Trouble != nil {
			fmt.Fprintf(&b, "%s\n", x)
		} else {
			s.table(&b, scenario)
		}
	}
	return b.String()
}

func (s Set) table(b *strings.Builder, scenario string) {
	systems := s.systems(scenario)
	reference := "unary" // what the others are compared with in the same round
	if !slices.Contains(systems, reference) {
		reference = "centrifuge"
	}
	fmt.Fprintf(b, "| system | per second | p50 ms | p99 ms | p99.9 ms | CPU | ÷ %s | gateway | logic | broker | allocations gateway / logic | lost |\n|---|---|---|---|---|---|---|---|---|---|---|---|\n", short(reference))
	for _, system := range systems {
		c := s.cell(scenario, system)
		mid, low, high := median(s.ratios(scenario, system, reference, Sample.total))
		lost := uint64(0)
		for _, x := range c {
			lost += x.Result.Lost + x.Result.Refused
		}
		fmt.Fprintf(b, "| %s | %s | %s | %s | %s | %s | %.2f (%.2f–%.2f) | %s | %s | %s | %s / %s | %d |\n", title(system),
			c.format("%.0f", Sample.perSecond),
			c.format("%.2f", func(x Sample) float64 { return ms(x.Result.P50) }),
			c.format("%.2f", func(x Sample) float64 { return ms(x.Result.P99) }),
			c.format("%.2f", func(x Sample) float64 { return ms(x.Result.P999) }),
			c.of(Sample.total), mid, low, high,
			c.of(func(x Sample) float64 { return x.micros("gateway") }),
			c.of(func(x Sample) float64 { return x.micros("logic") }),
			c.of(func(x Sample) float64 { return x.micros("broker") }),
			c.of(func(x Sample) float64 { return x.mallocs("gateway") }),
			c.of(func(x Sample) float64 { return x.mallocs("logic") }), lost)
	}
}

func short(system string) string {
	if system == "unary" {
		return "L3"
	}
	return system
}

func (s Set) idleTable(b *strings.Builder, scenario string) {
	b.WriteString("| system | KiB of RSS per connection | goroutines per connection |\n|---|---|---|\n")
	for _, system := range s.systems(scenario) {
		c := s.cell(scenario, system)
		fmt.Fprintf(b, "| %s | %s | %s |\n", title(system), c.of(Sample.kibPerConn), c.format("%.2f", Sample.goroutinesPerConn))
	}
}
