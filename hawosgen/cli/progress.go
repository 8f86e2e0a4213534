package cli

import (
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"golang.org/x/term"
)

// progress shows the steps of a verb that takes its time, each with how long it took. On a terminal the time runs
// along; elsewhere a long step says now and then that it is still at it.
type progress struct {
	out      io.Writer
	terminal bool
}

const (
	liveTick  = 100 * time.Millisecond
	patience  = 15 * time.Second // between the signs of life of a long step
	stepWidth = 44
)

func newProgress(out io.Writer) *progress {
	f, ok := out.(*os.File)
	return &progress{out: out, terminal: ok && term.IsTerminal(int(f.Fd()))}
}

// Do runs the step and shows it.
func (p *progress) Do(name string, step func() (detail string, err error)) error {
	begun := time.Now()
	stop := make(chan struct{})
	var wait sync.WaitGroup
	wait.Go(func() { p.alive(name, begun, stop) })
	detail, err := step()
	close(stop)
	wait.Wait()
	if err != nil {
		detail = "failed"
	}
	p.clear()
	fmt.Fprintf(p.out, "  %-*s %7s  %s\n", stepWidth, name, round(time.Since(begun)), detail)
	return err
}

// Note shows a remark under the last step.
func (p *progress) Note(text string) { fmt.Fprintf(p.out, "    %s\n", text) }

func (p *progress) alive(name string, begun time.Time, stop <-chan struct{}) {
	every := patience
	if p.terminal {
		every = liveTick
	}
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		if p.terminal {
			fmt.Fprintf(p.out, "\r  %-*s %7s", stepWidth, name, round(time.Since(begun)))
		} else {
			fmt.Fprintf(p.out, "  %-*s %7s  still at it\n", stepWidth, name, round(time.Since(begun)))
		}
	}
}

func (p *progress) clear() {
	if p.terminal {
		fmt.Fprint(p.out, "\r\x1b[K")
	}
}

// round keeps of a duration what a person reads.
func round(d time.Duration) time.Duration {
	if d < time.Second {
		return d.Round(time.Millisecond)
	}
	return d.Round(100 * time.Millisecond)
}
