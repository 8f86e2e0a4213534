package frontend_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/hawos/hawos/runtime/config"
	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/wire"
)

// TestBadBytes sends what no client should, and wants the documented close code.
// One that behaves is served all the while.
func TestBadBytes(t *testing.T) {
	n, _ := start(t, nil)
	good := n.login(t, "good")
	whole := (&wire.Packet{ID: idEcho, Seq: 1, Payload: good.payload(&hawospb.Notice{Text: "hello"})}).Append(nil)
	for _, c := range []struct {
		name     string
		encoding wire.Encoding
		kind     int
		message  []byte
		want     int
	}{
		{"empty message", wire.Proto, websocket.BinaryMessage, nil, wire.CloseMalformed},
		{"no protocol ID", wire.Proto, websocket.BinaryMessage, []byte{0x10, 1}, wire.CloseMalformed},
		{"truncated packet", wire.Proto, websocket.BinaryMessage, whole[:len(whole)-1], wire.CloseMalformed},
		{"truncated varint", wire.Proto, websocket.BinaryMessage, []byte{0x08, 0xff}, wire.CloseMalformed},
		{"length of gigabytes", wire.Proto, websocket.BinaryMessage, []byte{0x22, 0xff, 0xff, 0xff, 0xff, 0x0f}, wire.CloseMalformed},
		{"oversize", wire.Proto, websocket.BinaryMessage, make([]byte, 65537), wire.CloseTooLarge},
		{"text on proto", wire.Proto, websocket.TextMessage, []byte("{}"), wire.CloseMalformed},
		{"binary on JSON", wire.JSON, websocket.BinaryMessage, whole, wire.CloseMalformed},
		{"not JSON", wire.JSON, websocket.TextMessage, []byte("{"), wire.CloseMalformed},
		{"JSON of another kind", wire.JSON, websocket.TextMessage, []byte("[1]"), wire.CloseMalformed},
		{"JSON not UTF-8", wire.JSON, websocket.TextMessage, []byte("{\"id\":2001,\"error\":\"\xff\"}"), wire.CloseMalformed},
		{"JSON oversize", wire.JSON, websocket.TextMessage, []byte(strings.Repeat(" ", 70000)), wire.CloseTooLarge},
	} {
		t.Run(c.name, func(t *testing.T) {
			bad := n.dial(t, c.encoding, n.token("bad"))
			bad.read()
			if err := bad.WriteMessage(c.kind, c.message); err != nil {
				t.Fatal(err)
			}
			bad.wantClose(c.want)
			if p := good.call(idEcho, 1, nil); p.Code != 0 {
				t.Errorf("the other client got %+v", p)
			}
		})
	}
}

// TestRandomBytes sends noise: a frontend answers with a packet or a documented
// close code and lives on.
func TestRandomBytes(t *testing.T) {
	n, _ := start(t, nil)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range 200 {
		c := n.dial(t, wire.Encoding(i%2), "")
		b := make([]byte, r.IntN(200))
		for j := range b {
			b[j] = byte(r.Uint32())
		}
		kind := websocket.BinaryMessage
		if i%2 == 1 {
			kind = websocket.TextMessage
		}
		if i%4 > 1 { // onto the wire as they are
			_, _ = c.NetConn().Write(b)
			_ = c.NetConn().(*net.TCPConn).CloseWrite()
		} else if err := c.WriteMessage(kind, b); err != nil {
			t.Fatal(err)
		} else {
			c.send(wire.Packet{ID: wire.IDPing, Seq: 1})
		}
		_, _, err := c.ReadMessage()
		var closed *websocket.CloseError
		if errors.As(err, &closed) && !slices.Contains([]int{wire.CloseMalformed, 1002, 1006}, closed.Code) {
			t.Errorf("noise %x: got close %d", b, closed.Code)
		}
		c.Close()
	}
	if p := n.login(t, "ann").call(idEcho, 1, nil); p.Code != 0 {
		t.Errorf("got %+v after the noise", p)
	}
}

func TestForeignOriginGets403(t *testing.T) {
	r := newRig(t)
	n := r.frontend("1", func(c *config.Config) { c.WS.Origins = []string{"https://play.example.com"} })
	_, address := n.Endpoint()
	for origin, want := range map[string]int{"https://evil.example.com": 403, "http://" + address: 101, "https://play.example.com": 101} {
		h := http.Header{"Origin": {origin}, "Authorization": {"Bearer " + r.token("ann")}}
		ws, resp, err := websocket.DefaultDialer.Dial("ws://"+address+"/ws", h)
		if resp == nil || resp.StatusCode != want {
			t.Errorf("%s: got %v, %v, want %d", origin, resp, err, want)
		}
		if ws != nil {
			ws.Close()
		}
	}
}

// TestClientsThatNeverRead: each sends 10,000 requests whose replies it does not
// read. Memory stays bounded and the others are served.
func TestClientsThatNeverRead(t *testing.T) {
	n, _ := start(t, nil)
	good := n.login(t, "good")
	seq := uint32(0)
	latencies := func() (p99 time.Duration) {
		all := make([]time.Duration, 300)
		for i := range all {
			seq++
			begun := time.Now()
			good.call(idEcho, seq, nil)
			all[i] = time.Since(begun)
		}
		slices.Sort(all)
		return all[len(all)*99/100]
	}
	before, rss := latencies(), residentKiB(t)
	var wait sync.WaitGroup
	for i := range 4 {
		bad := n.login(t, fmt.Sprint("bad", i))
		_ = bad.SetWriteDeadline(time.Now().Add(time.Second)) // the frontend stops reading
		wait.Go(func() {
			p := wire.Packet{ID: idEcho, Payload: bad.payload(&hawospb.Notice{Text: string(make([]byte, 4000))})}
			for i := range uint32(10_000) {
				p.Seq = i + 1
				if bad.WriteMessage(websocket.BinaryMessage, p.Append(nil)) != nil {
					return
				}
			}
		})
	}
	wait.Wait()
	// Each of its calls is answered; how fast is the bench module's to measure.
	t.Logf("p99 of a client that behaves: %v, before %v", latencies(), before)
	if grown := residentKiB(t) - rss; grown > 64<<10 {
		t.Errorf("memory grew by %d KiB, want at most 64 MiB", grown)
	}
}

// residentKiB returns the memory of this process; 0 where the system does not say.
func residentKiB(t *testing.T) int {
	t.Helper()
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return 0
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			kib, err := strconv.Atoi(strings.Fields(rest)[0])
			if err != nil {
				t.Fatal(err)
			}
			return kib
		}
	}
	return 0
}
