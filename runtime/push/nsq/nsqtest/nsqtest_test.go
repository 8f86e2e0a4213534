package nsqtest_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/nsqio/go-nsq"

	"github.com/hawos/hawos/runtime/push/nsq/nsqtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// The client that services use, as it is.
func TestWithGoNSQ(t *testing.T) {
	s := start(t, nsqtest.Options{})
	config := nsq.NewConfig()
	config.AuthSecret = "any" // accepted, and not asked for
	config.MaxInFlight = 10
	p, err := nsq.NewProducer(s.NSQD(), config)
	if err != nil {
		t.Fatal(err)
	}
	p.SetLoggerLevel(nsq.LogLevelMax)
	defer p.Stop()
	for _, err := range []error{
		p.Publish("t", []byte("one")),
		p.MultiPublish("t", [][]byte{[]byte("two"), []byte("three")}),
		p.DeferredPublish("t", time.Millisecond, []byte("later")),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	c, err := nsq.NewConsumer("t", "c", config)
	if err != nil {
		t.Fatal(err)
	}
	c.SetLoggerLevel(nsq.LogLevelMax)
	heard := make(chan string, 100)
	tries := map[string]int{}
	c.AddHandler(nsq.HandlerFunc(func(m *nsq.Message) error {
		m.Touch()
		if tries[string(m.Body)]++; tries[string(m.Body)] == 1 && string(m.Body) == "two" {
			m.RequeueWithoutBackoff(0)
			return nil
		}
		heard <- fmt.Sprint(string(m.Body), " ", m.Attempts)
		return nil
	}))
	if err := c.ConnectToNSQLookupd(s.Lookupd()); err != nil {
		t.Fatal(err)
	}
	got := []string{<-heard, <-heard, <-heard, <-heard}
	slices.Sort(got)
	if want := []string{"later 1", "one 1", "three 1", "two 2"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	c.Stop()
	<-c.StopChan
}

// What the protocol says of each command, its mistakes included.
func TestProtocol(t *testing.T) {
	s := start(t, nsqtest.Options{MaxMessage: 100})
	for _, c := range []struct{ name, in, out string }{
		{"another protocol", "  V1", "1 E_BAD_PROTOCOL"},
		{"unknown command", "  V2HELLO\n", "1 E_INVALID invalid command \"HELLO\""},
		{"publish", "  V2" + body("PUB a\n", "x") + "NOP\n" + body("DPUB a 10\n", "y"), "0 OK|0 OK"},
		{"publish nothing", "  V2" + body("PUB a\n", ""), "1 E_BAD_MESSAGE body of 0 bytes, allowed 1 to 100"},
		{"publish too much", "  V2" + body("PUB a\n", strings.Repeat("x", 101)), "1 E_BAD_MESSAGE body of 101 bytes, allowed 1 to 100"},
		{"bad topic", "  V2" + body("PUB a$\n", "x"), "1 E_BAD_TOPIC topic \"a$\": invalid name"},
		{"bad delay", "  V2" + body("DPUB a -1\n", "x"), "1 E_INVALID DPUB delay \"-1\""},
		{"bad channel", "  V2SUB a b$\n", "1 E_BAD_CHANNEL channel \"b$\": invalid name"},
		{"many that do not add up", "  V2" + body("MPUB a\n", "\x00\x00\x00\x02\x00\x00\x00\x01x"), "1 E_BAD_BODY MPUB sizes do not add up"},
		{"many, one empty", "  V2" + body("MPUB a\n", "\x00\x00\x00\x01\x00\x00\x00\x00"), "1 E_BAD_MESSAGE MPUB message of 0 bytes, allowed 1 to 100"},
		{"ready too early", "  V2RDY 1\n", "1 E_INVALID RDY before SUB"},
		{"ready for too many", "  V2SUB a b\nRDY 2501\n", "0 OK|1 E_INVALID RDY count \"2501\""},
		{"subscribed twice", "  V2SUB a b\nSUB a b\n", "0 OK|1 E_INVALID SUB in a subscribed state"},
		{"finish what it has not", "  V2SUB a b\nFIN 0123456789abcdef\nTOUCH 0123456789abcdef\nREQ 0123456789abcdef 0\nCLS\n",
			"0 OK|1 E_FIN_FAILED FIN 0123456789abcdef: not in flight|1 E_TOUCH_FAILED TOUCH 0123456789abcdef: not in flight|1 E_REQ_FAILED REQ 0123456789abcdef: not in flight|0 CLOSE_WAIT"},
		{"identify without negotiation", "  V2" + body("IDENTIFY\n", "{}"), "0 OK"},
		{"identify with nonsense", "  V2" + body("IDENTIFY\n", "{"), "1 E_BAD_BODY IDENTIFY unexpected end of JSON input"},
		{"heartbeats", "  V2" + body("IDENTIFY\n", `{"heartbeat_interval":10}`), "0 OK|0 _heartbeat_"},
	} {
		t.Run(c.name, func(t *testing.T) {
			conn, err := net.Dial("tcp", s.NSQD())
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if _, err := conn.Write([]byte(c.in)); err != nil {
				t.Fatal(err)
			}
			var got []string
			for range strings.Split(c.out, "|") {
				got = append(got, frame(t, conn))
			}
			if out := strings.Join(got, "|"); out != c.out {
				t.Errorf("got %q, want %q", out, c.out)
			}
		})
	}
}

// A message that a client neither finishes nor touches is sent again.
func TestMessageTimeout(t *testing.T) {
	s := start(t, nsqtest.Options{MsgTimeout: 30 * time.Millisecond})
	conn, err := net.Dial("tcp", s.NSQD())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("  V2SUB a b\nRDY 1\n" + body("PUB a\n", "x"))); err != nil {
		t.Fatal(err)
	}
	var attempts []byte
	for len(attempts) < 2 {
		if f := frame(t, conn); f[0] == '2' {
			attempts = append(attempts, f[2+9]) // low byte of the number
		}
	}
	if !bytes.Equal(attempts, []byte{1, 2}) {
		t.Errorf("got attempts %v, want 1 and 2", attempts)
	}
}

func TestDataSurvivesRestart(t *testing.T) {
	o := nsqtest.Options{Dir: filepath.Join(t.TempDir(), "nsq")}
	s := start(t, o)
	post(t, s, "/topic/create?topic=kept", 200)
	post(t, s, "/channel/create?topic=kept&channel=c", 200)
	post(t, s, "/channel/create?topic=kept&channel=gone%23ephemeral", 200)
	publish(t, s, "kept", "one")
	publish(t, s, "backlog", "two")
	publish(t, s, "temporary#ephemeral", "three")
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	o.NSQD, o.HTTP, o.Lookupd = s.NSQD(), s.HTTP(), s.Lookupd()
	s = start(t, o)
	var stats struct {
		Topics []struct {
			Name     string `json:"topic_name"`
			Depth    int    `json:"depth"`
			Channels []struct {
				Name  string `json:"channel_name"`
				Depth int    `json:"depth"`
			} `json:"channels"`
		} `json:"topics"`
	}
	get(t, "http://"+s.HTTP()+"/stats?format=json", &stats)
	if got, want := fmt.Sprint(stats.Topics), "[{backlog 1 []} {kept 0 [{c 1}]}]"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(o.Dir, "nsqtest.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := nsqtest.Start(o); err == nil || !strings.Contains(err.Error(), "nsqtest.json") {
		t.Errorf("broken file: got %v, want its name", err)
	}
}

func TestHTTP(t *testing.T) {
	s := start(t, nsqtest.Options{})
	for _, c := range []struct {
		path   string
		status int
	}{
		{"/topic/create?topic=a", 200}, {"/topic/create?topic=a$", 400}, {"/topic/empty?topic=a", 200}, {"/topic/empty?topic=b", 404},
		{"/channel/create?topic=a&channel=c", 200}, {"/channel/create?topic=b&channel=c", 404}, {"/channel/empty?topic=a&channel=c", 200},
		{"/channel/delete?topic=a&channel=c", 200}, {"/channel/delete?topic=a&channel=c", 404}, {"/topic/delete?topic=a", 200}, {"/topic/delete?topic=a", 404},
		{"/ping", 405},
	} {
		post(t, s, c.path, c.status)
	}
	post(t, s, "/topic/create?topic=a", 200)
	post(t, s, "/channel/create?topic=a&channel=c", 200)
	var lookup struct {
		Channels  []string `json:"channels"`
		Producers []struct {
			Address string `json:"broadcast_address"`
			TCP     int    `json:"tcp_port"`
			HTTP    int    `json:"http_port"`
		} `json:"producers"`
	}
	get(t, "http://"+s.Lookupd()+"/lookup?topic=a", &lookup)
	if len(lookup.Producers) != 1 || !slices.Equal(lookup.Channels, []string{"c"}) {
		t.Fatalf("lookup: got %v", lookup)
	}
	p := lookup.Producers[0]
	if got := fmt.Sprintf("%s:%d", p.Address, p.TCP); got != s.NSQD() || p.HTTP != p.TCP+1 {
		t.Errorf("lookup: got %s and HTTP port %d, want %s and the next one", got, p.HTTP, s.NSQD())
	}
	resp, err := http.Get("http://" + s.Lookupd() + "/lookup?topic=b")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusNotFound || resp.Header.Get("X-NSQ-Content-Type") != "nsq; version=1.0" {
		t.Errorf("lookup of an unknown topic: got %s, %v", resp.Status, resp.Header)
	}
	http.DefaultClient.CloseIdleConnections()
}

func start(t *testing.T, o nsqtest.Options) *nsqtest.Server {
	t.Helper()
	s, err := nsqtest.Start(o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// body returns a command with its sized body.
func body(line, text string) string {
	return line + string(binary.BigEndian.AppendUint32(nil, uint32(len(text)))) + text
}

// frame reads one frame: its type and text.
func frame(t *testing.T, conn net.Conn) string {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(10 * time.Second)); err != nil {
		t.Fatal(err)
	}
	var head [8]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		t.Fatal(err)
	}
	data := make([]byte, binary.BigEndian.Uint32(head[:])-4)
	if _, err := io.ReadFull(conn, data); err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(fmt.Sprint(binary.BigEndian.Uint32(head[4:]), " ", string(data)))
}

func publish(t *testing.T, s *nsqtest.Server, topic, text string) {
	t.Helper()
	conn, err := net.Dial("tcp", s.NSQD())
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := conn.Write([]byte("  V2" + body("PUB "+topic+"\n", text))); err != nil {
		t.Fatal(err)
	}
	if f := frame(t, conn); f != "0 OK" {
		t.Fatalf("publish: got %s", f)
	}
}

func post(t *testing.T, s *nsqtest.Server, path string, status int) {
	t.Helper()
	resp, err := http.Post("http://"+s.HTTP()+path, "", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	if resp.StatusCode != status {
		t.Errorf("POST %s: got %s, want %d", path, resp.Status, status)
	}
}

func get(t *testing.T, url string, out any) {
	t.Helper()
	resp, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer http.DefaultClient.CloseIdleConnections()
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(out); err != nil {
		t.Fatal(err)
	}
}
