package dev

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/hawos/hawos/hawosgen/dev/supervise"
)

// Log is one program's log file.
type Log struct {
	Program string
	path    string
	offset  int64
}

// Logs returns the logs of a service (chat: all its instances), of an instance (chat-1) or, with an empty name, of
// all programs, sorted by name. There may be none.
func Logs(root, name string) ([]*Log, error) {
	dir := supervise.In(root)
	files, err := filepath.Glob(dir.Log("*"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	var logs []*Log
	for _, file := range files {
		program := strings.TrimSuffix(filepath.Base(file), ".log")
		if name == "" || program == name || serviceOf(program) == name {
			logs = append(logs, &Log{Program: program, path: file})
		}
	}
	return logs, nil
}

// serviceOf returns the appName of an instance.
func serviceOf(instance string) string {
	if i := strings.LastIndexByte(instance, '-'); i > 0 {
		return instance[:i]
	}
	return instance
}

// Last returns the log's last n lines; More goes on after them.
func (l *Log) Last(n int) (string, error) {
	data, err := os.ReadFile(l.path)
	if err != nil {
		return "", err
	}
	l.offset = int64(len(data))
	return tail(string(data), n), nil
}

// More returns what was written since the last call. A file that was emptied meanwhile begins anew.
func (l *Log) More() (string, error) {
	f, err := os.Open(l.path)
	if errors.Is(err, fs.ErrNotExist) {
		l.offset = 0
		return "", nil
	}
	if err != nil {
		return "", err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return "", err
	}
	if info.Size() < l.offset {
		l.offset = 0
	}
	data, err := io.ReadAll(io.NewSectionReader(f, l.offset, info.Size()-l.offset))
	// A line that is not finished waits for its end, so that the lines of several logs do not mix.
	end := strings.LastIndexByte(string(data), '\n') + 1
	l.offset += int64(end)
	return string(data[:end]), err
}

// Follow calls show with what is written to the logs of the name, until ctx ends. It begins after what is there now
// in logs, and takes in logs that begin later.
func Follow(ctx context.Context, root, name string, logs []*Log, show func(program, text string)) error {
	const every = 200 * time.Millisecond
	tick := time.NewTicker(every)
	defer tick.Stop()
	for ended := false; ; {
		now, err := Logs(root, name)
		if err != nil {
			return err
		}
		for _, l := range now {
			if !slices.ContainsFunc(logs, func(o *Log) bool { return o.Program == l.Program }) {
				logs = append(logs, l)
			}
		}
		for _, l := range logs {
			text, err := l.More()
			if err != nil {
				return err
			}
			if text != "" {
				show(l.Program, text)
			}
		}
		if ended {
			return nil
		}
		select {
		case <-ctx.Done():
			ended = true // once more, for what came last
		case <-tick.C:
		}
	}
}

func lastLines(file string, n int) (string, error) {
	l := &Log{path: file}
	text, err := l.Last(n)
	return strings.TrimRight(text, "\n"), err
}

// tail returns the last n lines of text.
func tail(text string, n int) string {
	lines := strings.SplitAfter(text, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	return strings.Join(lines[max(0, len(lines)-n):], "")
}
