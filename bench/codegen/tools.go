package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"
)

// tool is one generator.
type tool struct {
	name string
	// command returns the arguments that generate all of s.
	command func(s schema) []string
	outs    []string // what a cold run must not find
	env     []string
}

// grpcVersion is the release of protoc-gen-go-grpc that hawosgen runs too.
const grpcVersion = "v1.6.2"

// prepare builds hawosgen and the official plugins into dir, and finds protoc and
// buf.
func prepare(ctx context.Context, dir string) ([]tool, error) {
	root, err := filepath.Abs("..")
	if err != nil {
		return nil, err
	}
	if err := os.Symlink(filepath.Join(root, "runtime", "hawospb", "hawos"), filepath.Join(dir, "hawos")); err != nil {
		return nil, err
	}
	bin := filepath.Join(dir, "bin") + string(filepath.Separator)
	for _, args := range [][]string{
		{"build", "-o", bin, "./hawosgen", "google.golang.org/protobuf/cmd/protoc-gen-go"},
		{"install", "google.golang.org/grpc/cmd/protoc-gen-go-grpc@" + grpcVersion},
	} {
		build := exec.CommandContext(ctx, "go", args...)
		build.Dir = root
		build.Env = append(os.Environ(), "GOBIN="+bin)
		if out, err := build.CombinedOutput(); err != nil {
			return nil, fmt.Errorf("build the tools: %w\n%s", err, out)
		}
	}
	env := append(os.Environ(), "PATH="+bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	tools := []tool{{
		name: "hawosgen proto", env: env, outs: []string{"gen", "cmd", "internal", "config", ".hawos", "hawos.lock"},
		command: func(schema) []string { return []string{filepath.Join(bin, "hawosgen"), "proto"} },
	}}
	if path, err := exec.LookPath("protoc"); err == nil {
		tools = append(tools, tool{name: "protoc + plugins", env: env, outs: []string{"protoc/*"}, command: func(s schema) []string { return protoc(path, s) }})
	} else {
		fmt.Println("protoc is not in PATH: left out")
	}
	if path, err := exec.LookPath("buf"); err == nil {
		tools = append(tools, tool{name: "buf generate", env: env, outs: []string{"buf"}, command: func(schema) []string { return []string{path, "generate"} }})
	} else {
		fmt.Println("buf is not in PATH: left out")
	}
	return tools, nil
}

func protoc(path string, s schema) []string {
	args := []string{path, "-I", "protos", "-I", "deps", "--go_out=protoc", "--go_opt=paths=source_relative", "--go-grpc_out=protoc", "--go-grpc_opt=paths=source_relative"}
	for i := range s.files {
		args = append(args, s.proto(i))
	}
	return args
}

// cold removes what earlier runs have written.
func (t tool) cold(s schema) error {
	if err := os.MkdirAll(filepath.Join(s.dir, "protoc"), 0o755); err != nil {
		return err
	}
	for _, out := range t.outs {
		names, err := filepath.Glob(filepath.Join(s.dir, out))
		if err != nil {
			return err
		}
		for _, name := range names {
			if err := os.RemoveAll(name); err != nil {
				return err
			}
		}
	}
	return nil
}

// cost is what one run took, with the programs that it started.
type cost struct {
	wall, cpu time.Duration
	peak      int64 // KiB of the largest of the programs
}

func (t tool) run(ctx context.Context, s schema) (cost, error) {
	args := t.command(s)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir, cmd.Env = s.dir, t.env
	start := time.Now()
	out, err := cmd.CombinedOutput()
	c := cost{wall: time.Since(start)}
	if err != nil {
		return c, fmt.Errorf("%s: %w\n%s", t.name, err, out)
	}
	c.cpu = cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	if usage, ok := cmd.ProcessState.SysUsage().(*syscall.Rusage); ok {
		c.peak = usage.Maxrss
	}
	return c, nil
}
