package config_test

import (
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hawos/hawos/runtime/config"
)

var update = flag.Bool("update", false, "rewrite the files that tests hold")

func answer(t *testing.T, args ...string) string {
	t.Helper()
	_, err := config.Load("chat", args)
	var a *config.Answer
	if !errors.As(err, &a) {
		t.Fatalf("%q: got %v, want an Answer", args, err)
	}
	return a.Text
}

func TestHelpTellsEverySetting(t *testing.T) {
	for _, arg := range []string{"--help", "-h", "-help"} {
		text := answer(t, arg, "--config", "/nowhere")
		for _, want := range []string{
			"Usage: chat ", "DIR/chat.yaml", "--config", "--print-config",
			"--mode debug|release|test\n        debug listens", "(default debug; HAWOS_MODE)",
			"--etcd.endpoints text,...\n", "HAWOS_ETCD_ENDPOINTS", "--ws.login_timeout duration\n", "default 10s",
			"--rpc.port number\n", "--rpc.tls.ca text",
		} {
			if !strings.Contains(text, want) {
				t.Errorf("%s: it lacks %q:\n%s", arg, want, text)
			}
		}
	}
}

func TestPrintConfigTellsWhatHoldsAndWhy(t *testing.T) {
	dir := write(t, "common.yaml", "mode: test\nrpc:\n  token: hushhushhushhushhushhushhushhush\nws: {origins: [\"https://a\"]}\n")
	t.Setenv("HAWOS_REDIS_ADDRESS", "r:6379")
	text := answer(t, "--print-config", "--config", dir, "--id", "2")
	for _, want := range []string{
		"id: \"2\" # flag --id\n", "namespace: \"dev\"\n", "mode: \"test\" # " + dir + "/common.yaml:1\n",
		"  token: \"" + config.Mask + "\" # " + dir + "/common.yaml:3\n", "  secret: \"\"\n", "  origins: [\"https://a\"] #",
		"  address: \"r:6379\" # environment HAWOS_REDIS_ADDRESS\n", "  ttl: \"10s\"\n", "    brokers: []\n", "  port: 0\n",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("it lacks %q:\n%s", want, text)
		}
	}
	if strings.Contains(text, "hush") {
		t.Errorf("it tells the secret:\n%s", text)
	}
	t.Setenv("HAWOS_REDIS_ADDRESS", "")
	again := answer(t, "--print-config", "--config", write(t, "common.yaml", strings.Replace(text, config.Mask, "", 1)))
	if !strings.Contains(again, "r:6379") {
		t.Errorf("what it prints does not load again:\n%s", again)
	}
}

func TestSecretsAreNeverPrinted(t *testing.T) {
	c := config.Default()
	for _, s := range []*string{&c.RPC.Token, &c.Etcd.Password, &c.Redis.Password, &c.Queue.Kafka.Password, &c.Queue.NSQ.Secret, &c.JWT.Secret} {
		*s = "hush"
	}
	js, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{string(js), fmt.Sprintf("%v", c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), fmt.Sprintf("%q", &c.Redis), fmt.Sprint(c.JWT)} {
		if strings.Contains(text, "hush") {
			t.Errorf("a secret shows in %s", text)
		}
	}
	if text := fmt.Sprint(c.JWT); !strings.Contains(text, config.Mask) || !strings.Contains(text, "hawos") {
		t.Errorf("got %s, want the rest and the mask", text)
	}
}

// docs/configuration.md holds the reference between two marks.
func TestReferenceInDocs(t *testing.T) {
	const begin, end = "<!-- settings: written by go test ./runtime/config -update -->\n", "<!-- end of settings -->"
	path := filepath.Join("..", "..", "docs", "configuration.md")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(text), begin)
	got, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("%s has lost its marks", path)
	}
	want := config.Reference()
	if *update {
		if err := os.WriteFile(path, []byte(before+begin+want+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if got != want {
		t.Errorf("%s is not what the settings say; run go test ./runtime/config -update", path)
	}
}
