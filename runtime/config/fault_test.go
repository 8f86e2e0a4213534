package config_test

import (
	"errors"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hawos/hawos/runtime/config"
)

func faults(t *testing.T, args ...string) []string {
	t.Helper()
	_, err := config.Load("chat", args)
	if err == nil {
		return nil
	}
	var f config.Faults
	if !errors.As(err, &f) {
		t.Fatalf("got %T %v, want Faults", err, err)
	}
	return strings.Split(f.Error(), "\n")
}

func TestAllFaultsComeAtOnceWithTheirPlace(t *testing.T) {
	dir := write(t,
		"common.yaml", `mode: debu
rpc:
  prot: 1
  port: x
rpc: {}
jwt: {secret: abc}
ws: {origins: {a: b}, login_timeout: 10, max_in_flight: 0, duplicate: kik}
admin: {port: 65536}
http: 8080
queue: {type: [kafka]}
`,
		"secrets.yaml", "etcd: {endpoints: [[a]]}\nnamespace: Dev\n",
	)
	t.Setenv("HAWOS_REDIS_DB", "one")
	got := faults(t, "--config", dir, "--rpc.prot", "3", "--id=a b", "extra", "--ws.port")
	want := []string{
		`flag --rpc.prot: unknown setting; did you mean --rpc.port?`,
		`argument: "extra" is no flag; settings are given as --key value`,
		`flag --ws.port: has no value`,
		`DIR/common.yaml:1: mode: "debu" is no mode: want debug, release or test`,
		`DIR/common.yaml:3: rpc.prot: unknown setting; did you mean rpc.port?`,
		`DIR/common.yaml:4: rpc.port: "x" is not a whole number`,
		`DIR/common.yaml:5: rpc: given already in line 2`,
		`DIR/common.yaml:7: ws.origins: want a list of single values`,
		`DIR/common.yaml:7: ws.login_timeout: "10" is not a duration, such as 500ms, 10s or 1h30m`,
		`DIR/common.yaml:7: ws.max_in_flight: "0" is less than 1`,
		`DIR/common.yaml:7: ws.duplicate: "kik" is not among kick, refuse, allow`,
		`DIR/common.yaml:8: admin.port: "65536" is more than 65535`,
		`DIR/common.yaml:9: http: want settings, one "key: value" a line`,
		`DIR/common.yaml:10: queue.type: want a single value`,
		`DIR/secrets.yaml:1: etcd.endpoints: want a list of single values`,
		`environment HAWOS_REDIS_DB: "one" is not a whole number`,
		`DIR/secrets.yaml:2: namespace: "Dev" must begin with a-z, go on with a-z, 0-9 or -, and have at most 20 characters`,
		`flag --id: "a b" must have 1 to 20 characters, a-z, 0-9 or - within`,
		`etcd.endpoints is empty: name your servers in config/common.yaml, or start the project with hawosgen up`,
		`DIR/common.yaml:6: jwt.secret: has 3 bytes, and fewer than 32 can be guessed; make one with: openssl rand -hex 32`,
		`rpc.token: is empty: the project's services trust each other by it; put one into config/secrets.yaml or HAWOS_RPC_TOKEN, such as the output of: openssl rand -hex 32`,
	}
	for i := range want {
		want[i] = strings.ReplaceAll(want[i], "DIR", dir)
	}
	if !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestFilesThatAreNoSettings(t *testing.T) {
	for name, c := range map[string]struct{ yaml, want string }{
		"syntax":       {"a:\n  - b\n c: d\n", "common.yaml:2: did not find expected key"},
		"tab":          {"rpc:\n\tport: 1\n", "common.yaml:2: found character that cannot start any token"},
		"a list":       {"- a\n", `common.yaml:1: want settings`},
		"a word":       {"hello\n", `common.yaml:1: want settings`},
		"two at once":  {"id: a\n---\nid: b\n", "common.yaml:2: a second document begins here"},
		"merge":        {"ws: &w {port: 1}\nhttp: {<<: *w}\n", "common.yaml:2: http.<<: unknown setting"},
		"no utf-8":     {"id: \xff\n", "common.yaml"},
		"key is a map": {"{a: b}: c\n", "common.yaml:1: "},
	} {
		got := faults(t, "--mode=test", "--config", write(t, "common.yaml", c.yaml))
		if len(got) != 1 || !strings.Contains(got[0], c.want) {
			t.Errorf("%s: got %q, want one fault that holds %q", name, got, c.want)
		}
	}
}

func TestEmptyFilesAndNullsSayNothing(t *testing.T) {
	for _, yaml := range []string{"", "\n# nothing\n", "---\n", "null\n", "rpc:\nid:\nws: ~\n"} {
		if got := faults(t, "--mode=test", "--config", write(t, "common.yaml", yaml)); got != nil {
			t.Errorf("%q: got %q, want no fault", yaml, got)
		}
	}
}

func TestFolderIsDemanded(t *testing.T) {
	missing := filepath.Join(t.TempDir(), "conf")
	for _, args := range [][]string{{"--mode=test", "--config", missing}, {"--mode=test"}} {
		if got := faults(t, args...); len(got) != 1 || !strings.Contains(got[0], "is no folder") {
			t.Errorf("%q: got %q, want that there is no folder", args, got)
		}
	}
	t.Setenv("HAWOS_CONFIG", write(t))
	if got := faults(t, "--mode=test"); got != nil {
		t.Errorf("HAWOS_CONFIG: got %q, want no fault", got)
	}
}

func TestAddressesThatNobodyCanDial(t *testing.T) {
	dir := write(t)
	for advertise, ok := range map[string]bool{
		"chat.internal:7000": true, "10.0.0.7:7000": true, "[fd00::7]:7000": true,
		"10.0.0.7": false, "0.0.0.0:7000": false, "[::]:7000": false, ":7000": false, "10.0.0.7:0": false, "10.0.0.7:x": false, "10.0.0.7:65536": false,
	} {
		got := faults(t, "--mode=test", "--config", dir, "--rpc.advertise", advertise)
		if (got == nil) != ok || !ok && !strings.HasPrefix(got[0], "flag --rpc.advertise: ") {
			t.Errorf("%q: got %q, want it accepted: %v", advertise, got, ok)
		}
	}
	if got := faults(t, "--mode=test", "--config", dir, "--rpc.ip", "localhost"); len(got) != 1 || got[0] != `flag --rpc.ip: "localhost" is no IP address` {
		t.Errorf("rpc.ip: got %q", got)
	}
}

func TestFaultsNeverShowSecrets(t *testing.T) {
	dir := write(t, "secrets.yaml", "rpc: {token: hush1}\njwt: {secret: hush2}\nredis: {password: [hush3]}\n")
	got := strings.Join(faults(t, "--config", dir, "--rpc.tls.cert", "x"), "\n")
	if strings.Contains(got, "hush") || !strings.Contains(got, "rpc.token: has 5 bytes") || !strings.Contains(got, "rpc.tls: cert, key and ca go together") {
		t.Errorf("got %s", got)
	}
}
