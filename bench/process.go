package main

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"

	"github.com/hawos/hawos/bench/load"
)

// process is this program in one of its roles.
type process struct {
	place
	cmd   *exec.Cmd
	stdin io.Closer
}

// startTimeout bounds a start, stopTimeout a stop; then the process is killed.
const (
	startTimeout = 30 * time.Second
	stopTimeout  = 10 * time.Second
)

// start runs the role in the program; empty is this one.
func start(ctx context.Context, program, role string, args ...string) (*process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{cmd: exec.CommandContext(ctx, cmp.Or(program, self), append([]string{"role", role}, args...)...)}
	p.cmd.Stderr = os.Stderr
	if p.stdin, err = p.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	said := make(chan error, 1)
	go func() { said <- json.NewDecoder(bufio.NewReader(stdout)).Decode(&p.place) }()
	timer := time.NewTimer(startTimeout)
	defer timer.Stop()
	select {
	case err = <-said:
	case <-timer.C:
		err = errors.New("not ready in time")
	}
	if err != nil {
		p.stop()
		return nil, fmt.Errorf("start %s: %w", role, err)
	}
	return p, nil
}

func (p *process) stop() {
	_ = p.stdin.Close()
	timer := time.AfterFunc(stopTimeout, func() { _ = p.cmd.Process.Kill() })
	defer timer.Stop()
	_ = p.cmd.Wait()
}

// generate runs the load generator as a process of its own, so that its cost is
// not the orchestrator's and its memory is new.
func generate(ctx context.Context, o load.Options) (r load.Result, err error) {
	self, err := os.Executable()
	if err != nil {
		return r, err
	}
	given, err := json.Marshal(o)
	if err != nil {
		return r, err
	}
	cmd := exec.CommandContext(ctx, self, "load", string(given))
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return r, fmt.Errorf("load: %w", err)
	}
	return r, json.Unmarshal(out, &r)
}

func runLoad(args []string) error {
	var o load.Options
	if len(args) != 1 {
		return errors.New("load wants its options as JSON")
	}
	if err := json.Unmarshal([]byte(args[0]), &o); err != nil {
		return err
	}
	r, err := load.Run(context.Background(), o)
	if err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(r)
}
