package config_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/mode"
)

// write makes a config folder of files: name, text, name, text …
func write(t *testing.T, files ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for i := 0; i < len(files); i += 2 {
		if err := os.WriteFile(filepath.Join(dir, files[i]), []byte(files[i+1]), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func load(t *testing.T, dir string, args ...string) config.Config {
	t.Helper()
	c, err := config.Load("chat", append([]string{"--config", dir, "--mode", "test"}, args...))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestDefaultsNeedNoFile(t *testing.T) {
	got, want := load(t, write(t)), config.Default()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v, want %+v", got, want)
	}
	if got.ID != "1" || got.Namespace != "dev" || got.WS.LoginTimeout != 10*time.Second || got.Admin.IP != "127.0.0.1" || got.RPC.IP != "127.0.0.1" {
		t.Errorf("got %+v", got)
	}
	if got.JWT.Secret != "" || got.RPC.Token != "" {
		t.Error("there is a default secret")
	}
}

// Each layer gives three settings, of which the next overrides two.
func TestLaterLayersWin(t *testing.T) {
	dir := write(t,
		"common.yaml", "namespace: common\nid: common\nlog: {level: debug}\nrpc: {port: 1}\nws: {port: 1}\nhttp: {port: 1}\n",
		"chat.yaml", "id: chat\nlog: {level: warn}\nrpc: {port: 2}\nws: {port: 2}\nhttp: {port: 2}\n",
		"secrets.yaml", "log: {level: error}\nrpc: {port: 3}\nws: {port: 3}\nhttp: {port: 3}\n",
		"frontend.yaml", "id: not-read\n",
	)
	t.Setenv("HAWOS_RPC_PORT", "4")
	t.Setenv("HAWOS_WS_PORT", "4")
	t.Setenv("HAWOS_HTTP_PORT", "")
	c := load(t, dir, "--ws.port", "5")
	got := []any{c.Namespace, c.ID, c.Log.Level, c.HTTP.Port, c.RPC.Port, c.WS.Port}
	want := []any{"common", "chat", "error", 3, 4, 5}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("common, chat, secrets, secrets, environment, flag: got %v, want %v", got, want)
	}
}

// The seed system took a flag that equals its default for one that was not given.
func TestFlagEqualToItsDefaultCountsAsGiven(t *testing.T) {
	dir := write(t, "common.yaml", "rpc: {port: 7000}\nid: 9\nws: {idle_timeout: 5s}\nlog: {level: debug, dir: logs}\nredis: {db: 4}\n")
	t.Setenv("HAWOS_REDIS_DB", "5")
	for _, form := range []string{"--", "-"} {
		c := load(t, dir, form+"rpc.port", "0", form+"id=1", form+"ws.idle_timeout", "60s", form+"log.level=info", form+"log.dir=", form+"redis.db", "0")
		got := []any{c.RPC.Port, c.ID, c.WS.IdleTimeout, c.Log.Level, c.Log.Dir, c.Redis.DB}
		want := []any{0, "1", time.Minute, "info", "", 0}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %v, want %v", form, got, want)
		}
	}
}

// The seed system set the Redis password to the user name.
func TestEachSettingReachesItsOwnField(t *testing.T) {
	dir := write(t, "secrets.yaml", "redis: {username: u, password: p}\netcd: {username: eu, password: ep}\nqueue: {kafka: {username: ku, password: kp}, nsq: {secret: ns}}\n")
	c := load(t, dir)
	got := []string{c.Redis.Username, c.Redis.Password, c.Etcd.Username, c.Etcd.Password, c.Queue.Kafka.Username, c.Queue.Kafka.Password, c.Queue.NSQ.Secret}
	if want := []string{"u", "p", "eu", "ep", "ku", "kp", "ns"}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestListsComeInEveryForm(t *testing.T) {
	want := []string{"a:1", "b:2"}
	for name, yaml := range map[string]string{
		"flow": "etcd: {endpoints: [\"a:1\", \"b:2\"]}", "block": "etcd:\n  endpoints:\n  - a:1\n  - b:2\n",
		"text": "etcd: {endpoints: \"a:1, b:2\"}", "alias": "ws: {origins: &o [\"a:1\", \"b:2\"]}\netcd: {endpoints: *o}",
	} {
		if got := load(t, write(t, "common.yaml", yaml)).Etcd.Endpoints; !reflect.DeepEqual(got, want) {
			t.Errorf("%s: got %q, want %q", name, got, want)
		}
	}
	if got := load(t, write(t), "--etcd.endpoints", "a:1,b:2").Etcd.Endpoints; !reflect.DeepEqual(got, want) {
		t.Errorf("flag: got %q, want %q", got, want)
	}
	t.Setenv("HAWOS_ETCD_ENDPOINTS", "a:1, b:2,")
	if got := load(t, write(t, "common.yaml", "etcd: {endpoints: [c]}")).Etcd.Endpoints; !reflect.DeepEqual(got, want) {
		t.Errorf("environment: got %q, want %q", got, want)
	}
}

func TestModeDecidesWhereItListens(t *testing.T) {
	token := strings.Repeat("x", config.MinSecret)
	for m, want := range map[mode.Mode]string{mode.Debug: "127.0.0.1", mode.Test: "127.0.0.1", mode.Release: ""} {
		c := load(t, write(t), "--mode", m.String(), "--rpc.token", token, "--etcd.endpoints", "e:1", "--http.ip", "10.0.0.7")
		if c.RPC.IP != want || c.WS.IP != want || c.HTTP.IP != "10.0.0.7" || c.Admin.IP != "127.0.0.1" {
			t.Errorf("%v: got rpc %q, ws %q, http %q, admin %q", m, c.RPC.IP, c.WS.IP, c.HTTP.IP, c.Admin.IP)
		}
	}
}

type chatSettings struct {
	config.Config `yaml:",inline"`
	Chat          struct {
		History int               `yaml:"history" default:"50" min:"1" help:"messages kept per room"`
		Greet   bool              `yaml:"greet"`
		Weights []float64         `yaml:"weights"`
		Rooms   map[string]string `yaml:"rooms"`
		Hidden  string            `yaml:"-"`
		Plain   string
	} `yaml:"chat"`
}

func (s *chatSettings) Validate() error {
	if s.Chat.History > 1000 {
		return errors.New("chat.history: more than 1000 does not fit")
	}
	return nil
}

func TestServiceHasSettingsOfItsOwn(t *testing.T) {
	dir := write(t, "chat.yaml", "mode: test\nchat:\n  weights: [1, 0.5]\n  rooms: {den: cosy}\n  plain: yes\n")
	t.Setenv("HAWOS_CHAT_HISTORY", "60")
	var s chatSettings
	if err := config.LoadInto("chat", []string{"--config", dir, "--chat.greet", "--id", "2"}, &s); err != nil {
		t.Fatal(err)
	}
	got := []any{s.ID, s.RPC.IP, s.Chat.History, s.Chat.Greet, s.Chat.Weights, s.Chat.Rooms, s.Chat.Plain}
	want := []any{"2", "127.0.0.1", 60, true, []float64{1, 0.5}, map[string]string{"den": "cosy"}, "yes"}
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if c, err := config.Within(&s); err != nil || c.ID != "2" {
		t.Errorf("within: got %v, %v", c.ID, err)
	}
	t.Setenv("HAWOS_CHAT_HISTORY", "2000")
	if err := config.LoadInto("chat", []string{"--config", dir}, &s); err == nil || err.Error() != "chat.history: more than 1000 does not fit" {
		t.Errorf("validate: got %v", err)
	}
}

func TestTargetsThatHoldNoSettingsAreRefused(t *testing.T) {
	var n int
	for _, target := range []any{nil, n, &n, config.Config{}, (*config.Config)(nil), &struct {
		A string `yaml:"x"`
		B string `yaml:"x"`
	}{}, &struct {
		A int `default:"ten"`
	}{}} {
		if err := config.LoadInto("chat", nil, target); err == nil {
			t.Errorf("%T: got no error", target)
		}
	}
	for _, target := range []any{nil, n, &n, &struct{}{}} {
		if _, err := config.Within(target); err == nil {
			t.Errorf("within %T: got no error", target)
		}
	}
}
