package e2e_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// crowd is a run of test-client.
type crowd struct {
	t   *testing.T
	cmd *exec.Cmd
	out *output
}

// output keeps what a program prints.
type output struct{ text []byte }

func (o *output) Write(p []byte) (int, error) { o.text = append(o.text, p...); return len(p), nil }

// startCrowd runs test-client against a config service.
func startCrowd(t *testing.T, config *process, args ...string) *crowd {
	t.Helper()
	args = append([]string{"-config", "http://" + config.addr("http")}, args...)
	c := &crowd{t: t, cmd: exec.Command(filepath.Join(shared.bin, "test-client"), args...), out: &output{}}
	c.cmd.Env = append(os.Environ(), "GORACE=atexit_sleep_ms=0")
	c.cmd.Stdout, c.cmd.Stderr = c.out, c.out
	if err := c.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	return c
}

// wait fails the test where anything was lost.
func (c *crowd) wait() {
	c.t.Helper()
	if err := c.cmd.Wait(); err != nil {
		c.t.Errorf("test-client: %v\n%s", err, c.out.text)
	}
}

// messages returns how many messages each chat has posted, by instance.
func messages(t *testing.T, config *process) map[string]int {
	t.Helper()
	reply, err := http.Get("http://" + config.addr("http") + "/api/stats")
	if err != nil {
		t.Fatal(err)
	}
	defer reply.Body.Close()
	var stats struct {
		Chats []struct {
			Instance string
			Messages int
		}
	}
	if err := json.NewDecoder(reply.Body).Decode(&stats); err != nil {
		t.Fatal(err)
	}
	posted := make(map[string]int)
	for _, c := range stats.Chats {
		posted[c.Instance] = c.Messages
	}
	return posted
}

func TestCrowdLosesNothing(t *testing.T) {
	for _, queue := range []string{"kafka", "nsq"} {
		t.Run(queue, func(t *testing.T) {
			w := newWorld(t, options{queue: queue})
			w.chats()
			config := w.start(program{"config", "1", nil})[0]
			startCrowd(t, config, "-id", "1,2", "-cnt", "30", "-duration", "3s").wait()
			if posted := messages(t, config); posted["chat-1"] == 0 || posted["chat-2"] == 0 {
				t.Errorf("messages by instance: got %v, want some of both", posted)
			}
		})
	}
}

// One of two chats is killed under load: requests in flight get an answer, later
// ones go to the other within a second, what was answered OK is heard, and the
// killed one takes load again when it is back.
func TestKilledChatLosesNothing(t *testing.T) {
	for _, queue := range []string{"kafka", "nsq"} {
		t.Run(queue, func(t *testing.T) {
			w := newWorld(t, options{queue: queue})
			frontends, chats := w.chats()
			config := w.start(program{"config", "1", nil})[0]
			c := startCrowd(t, config, "-id", "1", "-cnt", "40", "-duration", "5s", "-rate", "5")
			var users [6]*user // some of them at either chat
			for i := range users {
				users[i] = connect(t, frontends[i%2], fmt.Sprint("u", i))
				users[i].join("a")
			}
			eventually(t, "both chats have posted", func() bool {
				posted := messages(t, config)
				return posted["chat-1"] > 20 && posted["chat-2"] > 20
			})
			chats[0].kill()
			start := time.Now()
			for _, u := range users {
				eventually(t, "requests go to the other chat", func() bool { return sendOnce(t, u, "still here") == nil })
			}
			// The lease of the killed one lasts ten seconds.
			if took := time.Since(start); took > 5*time.Second {
				t.Errorf("everybody was served again after %v, which is to wait for the lease", took)
			} else {
				t.Logf("everybody was served again after %v", took)
			}
			w.start(program{"chat", "1", []string{"--rpc.port", portOf(chats[0].addr("rpc"))}})
			eventually(t, "the killed one takes load again", func() bool { return messages(t, config)["chat-1"] > 0 })
			c.wait()
		})
	}
}
