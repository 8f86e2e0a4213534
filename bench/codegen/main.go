// Command codegen measures hawosgen proto beside protoc with the official
// plugins and buf generate, on the same generated schemas, in one run:
//
//	go run ./codegen [-rounds 3] [-schemas s,m,l]
//
// protoc and buf are taken from PATH; one that is not there is left out and named.
// Times are medians; ratios are to hawosgen in the same round, so that other work
// on the machine falls on all alike.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	rounds := flag.Int("rounds", 3, "how often each step is measured")
	names := flag.String("schemas", "s,m,l", "which schemas: s has 1 file and 10 rpcs, m 100 files and 1,000 rpcs, l 1 file and 1,000 rpcs")
	flag.Parse()
	if err := run(ctx, *rounds, strings.Split(*names, ",")); err != nil {
		fmt.Fprintln(os.Stderr, "codegen:", err)
		os.Exit(1)
	}
}

// run measures all tools and prints the table.
func run(ctx context.Context, rounds int, names []string) (err error) {
	dir, err := os.MkdirTemp("", "hawos-codegen-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	tools, err := prepare(ctx, dir)
	if err != nil {
		return err
	}
	var rows []row
	for _, name := range names {
		s, ok := schemas()[name]
		if !ok {
			return fmt.Errorf("there is no schema %q: choose of s, m, l", name)
		}
		s.dir = filepath.Join(dir, name)
		if err := s.write(filepath.Join(dir, "hawos")); err != nil {
			return err
		}
		measured, err := measure(ctx, s, tools, rounds)
		if err != nil {
			return err
		}
		rows = append(rows, measured...)
	}
	return print(os.Stdout, rows)
}
