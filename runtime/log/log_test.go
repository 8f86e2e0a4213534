package log_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/log"
	"github.com/hawos/hawos/runtime/mode"
)

func open(t *testing.T, c config.Log, m mode.Mode) (*slog.Logger, *bytes.Buffer) {
	t.Helper()
	var b bytes.Buffer
	l, closer, err := log.Open(c, m, "chat-1", &b)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { closer.Close() })
	return l, &b
}

func TestDebugModeLogsForPeople(t *testing.T) {
	l, b := open(t, config.Log{}, mode.Debug)
	l.With("app", "chat").WithGroup("req").Warn("slow rpc", "id", 2001, "method", "chat.v1.Chat.Send now")
	want := regexp.MustCompile(`^\d\d:\d\d:\d\d\.\d{3} WARN  slow rpc instance=chat-1 app=chat req.id=2001 req.method="chat.v1.Chat.Send now"\n$`)
	if !want.MatchString(b.String()) {
		t.Errorf("got %q, want a line that matches %s", b, want)
	}
}

func TestMessageWithNewlinesStaysOneLine(t *testing.T) {
	l, b := open(t, config.Log{}, mode.Debug)
	l.Info("a\n12:00:00.000 ERROR forged", "k", "x\ny")
	if n := strings.Count(b.String(), "\n"); n != 1 {
		t.Errorf("got %d lines, want 1: %q", n, b)
	}
}

func TestReleaseModeLogsJSON(t *testing.T) {
	l, b := open(t, config.Log{}, mode.Release)
	l.Info("ready", "rpc", "127.0.0.1:1")
	var line map[string]any
	if err := json.Unmarshal(b.Bytes(), &line); err != nil {
		t.Fatalf("%q: %v", b, err)
	}
	for key, want := range map[string]string{"level": "INFO", "msg": "ready", "instance": "chat-1", "rpc": "127.0.0.1:1"} {
		if line[key] != want {
			t.Errorf("%s: got %v, want %v", key, line[key], want)
		}
	}
}

func TestFormatOverridesMode(t *testing.T) {
	l, b := open(t, config.Log{Format: "json"}, mode.Debug)
	l.Info("x")
	if !strings.HasPrefix(b.String(), "{") {
		t.Errorf("got %q, want JSON", b)
	}
}

func TestSecretsAreMasked(t *testing.T) {
	for _, m := range []mode.Mode{mode.Debug, mode.Release} {
		l, b := open(t, config.Log{}, m)
		l.With("Token", "hush1").WithGroup("rpc").Info("x", "token", "hush2", "redis_password", "hush3",
			slog.Group("jwt", "secret", "hush4"), "Authorization", "Bearer hush5", "tokens_issued", 5,
			"config", config.JWT{Secret: "hush6", Issuer: "us"}, "redis", config.Redis{Password: "hush7"})
		if strings.Contains(b.String(), "hush") {
			t.Errorf("%v: %s", m, b)
		}
		for _, want := range []string{"5", "us", config.Mask} {
			if !strings.Contains(b.String(), want) {
				t.Errorf("%v: got %s, want it to hold %q", m, b, want)
			}
		}
	}
}

func TestLevelHidesLesserLines(t *testing.T) {
	l, b := open(t, config.Log{Level: "warn"}, mode.Debug)
	l.Info("quiet")
	l.Error("loud")
	if s := b.String(); strings.Contains(s, "quiet") || !strings.Contains(s, "loud") {
		t.Errorf("got %q, want loud alone", s)
	}
}

func TestFilePerInstanceIsAppendedTo(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "a", "logs")
	for range 2 {
		l, b := open(t, config.Log{Dir: dir}, mode.Debug)
		l.Info("hello")
		if !strings.Contains(b.String(), "hello") {
			t.Errorf("standard error: got %q, want hello", b)
		}
	}
	text, err := os.ReadFile(filepath.Join(dir, "chat-1.log"))
	if err != nil || strings.Count(string(text), "hello") != 2 {
		t.Errorf("file: got %q, %v, want two lines of hello", text, err)
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("closed") }

func TestFileIsWrittenWhileStandardErrorIsGone(t *testing.T) {
	dir := t.TempDir()
	l, closer, err := log.Open(config.Log{Dir: dir}, mode.Debug, "chat-1", broken{})
	if err != nil {
		t.Fatal(err)
	}
	l.Info("hello")
	closer.Close()
	if text, _ := os.ReadFile(filepath.Join(dir, "chat-1.log")); !strings.Contains(string(text), "hello") {
		t.Errorf("got %q, want hello", text)
	}
}

func TestLinesOfManyGoroutinesStayWhole(t *testing.T) {
	l, b := open(t, config.Log{}, mode.Debug)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 100 {
				l.Info("line", "k", "v")
			}
		})
	}
	wg.Wait()
	for line := range strings.Lines(b.String()) {
		if !strings.HasSuffix(line, " INFO  line instance=chat-1 k=v\n") {
			t.Fatalf("got %q", line)
		}
	}
	if n := strings.Count(b.String(), "\n"); n != 800 {
		t.Errorf("got %d lines, want 800", n)
	}
}

func TestBadSettingsAreRefused(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for key, c := range map[string]config.Log{
		"log.level":  {Level: "loud"},
		"log.format": {Format: "xml"},
		"log.dir":    {Dir: filepath.Join(file, "logs")},
	} {
		if _, _, err := log.Open(c, mode.Debug, "chat-1", &bytes.Buffer{}); err == nil || !strings.Contains(err.Error(), key) {
			t.Errorf("%s: got %v, want an error that names it", key, err)
		}
	}
}
