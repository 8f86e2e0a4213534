// Package report turns samples into what people read: a table of medians with
// their spread and plots, and into JSON for programs.
package report

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"time"

	"github.com/hawos/hawos/bench/control"
	"github.com/hawos/hawos/bench/load"
)

// Set is all samples of a run.
type Set struct {
	Machine Machine
	Quick   bool
	Took    time.Duration
	Samples []Sample
}

// Machine is where and when a run was.
type Machine struct {
	Begun       time.Time
	CPUs        int
	CPU, OS, Go string
	LoadAtBegin string // of others
}

// ThisMachine describes the machine, now.
func ThisMachine() Machine {
	m := Machine{Begun: time.Now(), CPUs: runtime.NumCPU(), OS: runtime.GOOS + "/" + runtime.GOARCH, Go: runtime.Version()}
	if b, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if _, after, ok := strings.Cut(string(b), "model name"); ok {
			line, _, _ := strings.Cut(after, "\n")
			m.CPU = strings.TrimLeft(line, "\t :")
		}
	}
	if b, err := os.ReadFile("/proc/loadavg"); err == nil {
		m.LoadAtBegin = strings.Join(strings.Fields(string(b))[:3], " ")
	}
	return m
}

// Sample is one measurement.
type Sample struct {
	Round    int
	Scenario string
	Group    string // the plot that it is a point of; empty: none
	X        float64
	System   string
	Conns    int
	Result   load.Result
}

// part adds up the processes of one part, of which a system may have several.
func (s Sample) part(name string) (sum control.Stats) {
	for process, cost := range s.Result.Cost {
		if first, _, _ := strings.Cut(process, " "); first == name {
			sum.CPU, sum.Mallocs, sum.Waits = sum.CPU+cost.CPU, sum.Mallocs+cost.Mallocs, sum.Waits+cost.Waits
		}
	}
	return sum
}

// micros is the CPU of one part per request, in µs.
func (s Sample) micros(part string) float64 {
	return float64(s.part(part).CPU.Nanoseconds()) / 1e3 / float64(max(s.Result.Requests, 1))
}

// total is the CPU of all parts but the load generator, per request.
func (s Sample) total() float64 { return s.micros("gateway") + s.micros("logic") + s.micros("broker") }

func (s Sample) mallocs(part string) float64 {
	return float64(s.part(part).Mallocs) / float64(max(s.Result.Requests, 1))
}

func (s Sample) waits(part string) float64 {
	return float64(s.part(part).Waits) / float64(max(s.Result.Requests, 1))
}

func (s Sample) perSecond() float64 { return float64(s.Result.Requests) / s.Result.Elapsed.Seconds() }

// idle reports whether the sample is of connections that do nothing.
func (s Sample) idle() bool { return len(s.Result.Before) > 0 }

func (s Sample) kibPerConn() float64 {
	return float64(s.Result.Cost["gateway"].RSS) / 1024 / float64(s.Conns)
}

func (s Sample) goroutinesPerConn() float64 {
	return float64(s.Result.Cost["gateway"].Goroutines) / float64(s.Conns)
}

// String is the sample in a line, for progress.
func (s Sample) String() string {
	r := s.Result
	if s.idle() {
		return fmt.Sprintf("%6.1f KiB, %.2f goroutines per connection", s.kibPerConn(), s.goroutinesPerConn())
	}
	if t := r.Trouble; t != nil {
		return t.String()
	}
	return fmt.Sprintf("%8.0f/s  p50 %6.2f p99 %6.2f p99.9 %6.2f ms  CPU %6.1f µs (gateway %.1f logic %.1f broker %.1f load %.1f)  allocs %.1f/%.1f  waits %.2f/%.2f  refused %d lost %d",
		s.perSecond(), ms(r.P50), ms(r.P99), ms(r.P999), s.total(), s.micros("gateway"), s.micros("logic"), s.micros("broker"), s.micros("load"),
		s.mallocs("gateway"), s.mallocs("logic"), s.waits("gateway"), s.waits("logic"), r.Refused, r.Lost)
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

// Write writes the files into the folder.
func (s Set) Write(dir string) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	b, err := json.MarshalIndent(s, "", " ")
	if err != nil {
		return err
	}
	files := map[string]string{"results.json": string(b) + "\n", "results.md": s.markdown()}
	for name, svg := range s.plots() {
		files[name] = svg
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}

// median returns the middle of the values and their least and greatest.
func median(v []float64) (mid, low, high float64) {
	if len(v) == 0 {
		return 0, 0, 0
	}
	v = slices.Sorted(slices.Values(v))
	n := len(v)
	return (v[(n-1)/2] + v[n/2]) / 2, v[0], v[n-1]
}
