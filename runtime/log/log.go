// Package log makes the process's slog.Logger from its settings: lines for
// people in debug, JSON in release, to standard error and, where log.dir says
// so, to a file per instance. Values under keys that end in token, password or
// secret are masked. Everything else uses package slog.
package log

import (
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/mode"
)

// Open returns the logger of an instance, whose lines carry its name. Lines go
// to w and to the file INSTANCE.log in c.Dir, made where it is absent and
// appended to. The caller closes the closer after the last line.
func Open(c config.Log, m mode.Mode, instance string, w io.Writer) (*slog.Logger, io.Closer, error) {
	var level slog.Level
	if c.Level != "" {
		if err := level.UnmarshalText([]byte(c.Level)); err != nil {
			return nil, nil, fmt.Errorf("log.level: %w", err)
		}
	}
	handler, err := handlerFor(c.Format, m)
	if err != nil {
		return nil, nil, err
	}
	if c.Dir == "" {
		return named(handler(w, level), instance), nopCloser{}, nil
	}
	if err := os.MkdirAll(c.Dir, 0o755); err != nil {
		return nil, nil, fmt.Errorf("log.dir: %w", err)
	}
	f, err := os.OpenFile(filepath.Join(c.Dir, instance+".log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return nil, nil, fmt.Errorf("log.dir: %w", err)
	}
	both := slog.NewMultiHandler(handler(w, level), handler(f, level))
	return named(both, instance), f, nil
}

func named(h slog.Handler, instance string) *slog.Logger {
	return slog.New(h).With("instance", instance)
}

func handlerFor(format string, m mode.Mode) (func(io.Writer, slog.Level) slog.Handler, error) {
	if format == "" || format == "auto" {
		format = "text"
		if m == mode.Release {
			format = "json"
		}
	}
	switch format {
	case "text":
		return func(w io.Writer, l slog.Level) slog.Handler { return newText(w, l) }, nil
	case "json":
		return func(w io.Writer, l slog.Level) slog.Handler {
			return slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l, ReplaceAttr: mask})
		}, nil
	}
	return nil, errors.New("log.format is neither auto, text nor json")
}

// mask hides the value of an attribute whose key says that it is secret.
func mask(_ []string, a slog.Attr) slog.Attr {
	key := strings.ToLower(a.Key)
	for _, s := range []string{"token", "password", "secret", "authorization"} {
		if strings.HasSuffix(key, s) && a.Value.String() != "" {
			return slog.String(a.Key, config.Mask)
		}
	}
	return a
}

type nopCloser struct{}

func (nopCloser) Close() error { return nil }
