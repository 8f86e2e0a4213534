package conn_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"

	"github.com/hawos/hawos/runtime/frontend/conn"
	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var options = conn.Options{MaxPacketBytes: 1 << 16, MaxQueueBytes: 1 << 20, WriteTimeout: 5 * time.Second, IdleTimeout: 5 * time.Second}

// serve returns the URL of a server that hands each connection to f, and waits
// for all of them at the end.
func serve(t testing.TB, o conn.Options, f func(*conn.Conn)) (string, *conn.Acceptor) {
	t.Helper()
	a := conn.NewAcceptor(o)
	var served sync.WaitGroup
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c, err := a.Accept(w, r)
		if err != nil {
			return
		}
		served.Go(func() {
			f(c)
			c.Finish()
		})
	}))
	t.Cleanup(func() {
		s.Close()
		served.Wait()
		a.Wait()
	})
	return "ws" + strings.TrimPrefix(s.URL, "http"), a
}

func dial(t testing.TB, url string, subprotocols ...string) *websocket.Conn {
	t.Helper()
	d := websocket.Dialer{Subprotocols: subprotocols}
	ws, _, err := d.DialContext(context.Background(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { ws.Close() })
	return ws
}

func closeCode(t testing.TB, ws *websocket.Conn) int {
	t.Helper()
	for {
		_, _, err := ws.ReadMessage()
		var c *websocket.CloseError
		if errors.As(err, &c) {
			return c.Code
		}
		if err != nil {
			t.Fatalf("got %v, want a close frame", err)
		}
	}
}

func echo(c *conn.Conn) {
	c.Serve(func(message []byte) {
		c.Send(&wire.Packet{ID: 100, Payload: message})
		c.Flush()
	})
}

func TestConnEchoesMessagesOfAllSizes(t *testing.T) {
	url, a := serve(t, options, echo)
	ws := dial(t, url, wire.SubprotocolProto)
	sizes := []int{0, 1, 125, 126, 1000, 65535, 65536}
	for _, n := range sizes {
		sent := bytes.Repeat([]byte{7}, n)
		if err := ws.WriteMessage(websocket.BinaryMessage, sent); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range sizes {
		_, b, err := ws.ReadMessage()
		var p wire.Packet
		if err != nil || p.Unmarshal(b) != nil || len(p.Payload) != n {
			t.Fatalf("got %d bytes, %v, want a packet of %d", len(b), err, n)
		}
	}
	if got := a.Stats().PacketsIn.Load(); got != uint64(len(sizes)) {
		t.Errorf("got %d packets in, want %d", got, len(sizes))
	}
}

// Messages that arrive in one packet of the network are all handled at once: the
// reader waits for the network only when nothing is left of it.
func TestConnTakesMessagesThatCameTogether(t *testing.T) {
	const n = 300 // more than one read takes
	got := make(chan string, n)
	url, _ := serve(t, options, func(c *conn.Conn) { c.Serve(func(m []byte) { got <- string(m) }) })
	ws := dial(t, url, wire.SubprotocolProto)
	var all []byte
	for i := range n {
		m := fmt.Sprintf("message %d", i)
		all = append(all, 0x82, 0x80|byte(len(m)), 0, 0, 0, 0) // RFC 6455, 5.2: final, binary; masked by zeros
		all = append(all, m...)
	}
	if _, err := ws.NetConn().Write(all); err != nil {
		t.Fatal(err)
	}
	for i := range n {
		if m, want := <-got, fmt.Sprintf("message %d", i); m != want {
			t.Fatalf("got %q, want %q", m, want)
		}
	}
	ws.Close()
}

func TestConnReadsFragments(t *testing.T) {
	url, _ := serve(t, options, echo)
	ws := dial(t, url, wire.SubprotocolProto)
	w, err := ws.NextWriter(websocket.BinaryMessage)
	if err != nil {
		t.Fatal(err)
	}
	want := bytes.Repeat([]byte("0123456789"), 1000) // more than the client's write buffer
	if _, err := w.Write(want); err != nil {
		t.Fatal(err)
	}
	w.Close()
	var p wire.Packet
	if _, b, err := ws.ReadMessage(); err != nil || p.Unmarshal(b) != nil || !bytes.Equal(p.Payload, want) {
		t.Errorf("got %d bytes, %v, want %d", len(b), err, len(want))
	}
}

func TestConnCloses(t *testing.T) {
	small := options
	small.MaxPacketBytes, small.IdleTimeout = 100, 30*time.Millisecond
	for _, c := range []struct {
		name        string
		subprotocol string
		do          func(*websocket.Conn) error
		want        int
	}{
		{"too large", wire.SubprotocolProto, func(ws *websocket.Conn) error {
			return ws.WriteMessage(websocket.BinaryMessage, make([]byte, 101))
		}, wire.CloseTooLarge},
		{"much too large", wire.SubprotocolProto, func(ws *websocket.Conn) error {
			return ws.WriteMessage(websocket.BinaryMessage, make([]byte, 5<<20))
		}, wire.CloseTooLarge},
		{"text on proto", wire.SubprotocolProto, func(ws *websocket.Conn) error {
			return ws.WriteMessage(websocket.TextMessage, []byte("x"))
		}, wire.CloseMalformed},
		{"binary on JSON", wire.SubprotocolJSON, func(ws *websocket.Conn) error {
			return ws.WriteMessage(websocket.BinaryMessage, []byte("x"))
		}, wire.CloseMalformed},
		{"text not UTF-8", wire.SubprotocolJSON, func(ws *websocket.Conn) error {
			return ws.WriteMessage(websocket.TextMessage, []byte{0xff})
		}, wire.CloseMalformed},
		{"breach of websocket", wire.SubprotocolProto, func(ws *websocket.Conn) error {
			_, err := ws.NetConn().Write([]byte{0xf3, 0x80, 0, 0, 0, 0})
			return err
		}, websocket.CloseProtocolError},
		{"idle", wire.SubprotocolProto, func(*websocket.Conn) error { return nil }, wire.CloseIdle},
		{"client closes", wire.SubprotocolProto, func(ws *websocket.Conn) error {
			return ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(4000, "bye"), time.Now().Add(time.Second))
		}, 4000},
	} {
		t.Run(c.name, func(t *testing.T) {
			closed := make(chan int, 1)
			url, _ := serve(t, small, func(c *conn.Conn) { echo(c); closed <- c.CloseCode() })
			ws := dial(t, url, c.subprotocol)
			if err := c.do(ws); err != nil {
				t.Fatal(err)
			}
			if got := closeCode(t, ws); got != c.want {
				t.Errorf("client got close %d, want %d", got, c.want)
			}
			if got := <-closed; got != c.want {
				t.Errorf("server noted close %d, want %d", got, c.want)
			}
		})
	}
}

func TestConnCloseWakesTheReader(t *testing.T) {
	conns := make(chan *conn.Conn, 1)
	url, _ := serve(t, options, func(c *conn.Conn) { conns <- c; echo(c) })
	ws := dial(t, url)
	c := <-conns
	if !c.Close(wire.CloseKicked, "bye") || c.Close(wire.CloseIdle, "again") {
		t.Error("Close must report true once")
	}
	if got := closeCode(t, ws); got != wire.CloseKicked {
		t.Errorf("got %d, want %d", got, wire.CloseKicked)
	}
	if c.Send(&wire.Packet{ID: 1}) || c.Push(conn.NewMessage(wire.JSON, &wire.Packet{ID: 1}, conn.Delivery{})) {
		t.Error("a closed connection must take no packets")
	}
}

func TestConnBusyClientIsNotIdle(t *testing.T) {
	o := options
	o.IdleTimeout = 400 * time.Millisecond
	url, _ := serve(t, o, echo)
	ws := dial(t, url, wire.SubprotocolProto)
	for end := time.Now().Add(2 * o.IdleTimeout); time.Now().Before(end); {
		if err := ws.WriteMessage(websocket.BinaryMessage, []byte("x")); err != nil {
			t.Fatal(err)
		}
		if _, _, err := ws.ReadMessage(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestConnPongs(t *testing.T) {
	url, _ := serve(t, options, echo)
	ws := dial(t, url, wire.SubprotocolProto)
	pong := make(chan string, 1)
	ws.SetPongHandler(func(s string) error { pong <- s; return nil })
	if err := ws.WriteControl(websocket.PingMessage, []byte("hey"), time.Now().Add(time.Second)); err != nil {
		t.Fatal(err)
	}
	if err := ws.WriteMessage(websocket.BinaryMessage, nil); err != nil {
		t.Fatal(err)
	}
	if _, _, err := ws.ReadMessage(); err != nil {
		t.Fatal(err)
	}
	if got := <-pong; got != "hey" {
		t.Errorf("got pong %q, want hey", got)
	}
}

func TestConnClosesAClientThatNeverReads(t *testing.T) {
	o := options
	o.WriteTimeout, o.MaxQueueBytes = 100*time.Millisecond, 1<<18
	closed := make(chan int, 1)
	url, a := serve(t, o, func(c *conn.Conn) { echo(c); closed <- c.CloseCode() })
	ws := dial(t, url, wire.SubprotocolProto)
	ws.SetWriteDeadline(time.Now().Add(5 * time.Second))
	sent := make([]byte, 60<<10)
	for i := 0; i < 10000 && ws.WriteMessage(websocket.BinaryMessage, sent) == nil; i++ {
	}
	if got := <-closed; got != wire.CloseTooSlow {
		t.Errorf("got close %d, want %d", got, wire.CloseTooSlow)
	}
	if got := a.Stats().PacketsIn.Load(); got > 1000 {
		t.Errorf("got %d packets read of a client that never reads", got)
	}
}

func TestConnPushesInOrderToASlowReader(t *testing.T) {
	conns := make(chan *conn.Conn, 1)
	o := options
	o.MaxQueueBytes = 64 << 20
	url, _ := serve(t, o, func(c *conn.Conn) { conns <- c; echo(c) })
	ws := dial(t, url, wire.SubprotocolProto)
	c := <-conns
	const n = 2000
	payload := make([]byte, 10000)
	for i := range uint32(n) {
		c.Push(conn.NewMessage(wire.Proto, &wire.Packet{ID: 100 + i, Payload: payload}, conn.Delivery{Class: route.Reliable}))
		c.Flush()
	}
	for i := range uint32(n) {
		_, b, err := ws.ReadMessage()
		var p wire.Packet
		if err != nil || p.Unmarshal(b) != nil || p.ID != 100+i {
			t.Fatalf("push %d: got ID %d, %v", i, p.ID, err)
		}
	}
}

func TestAcceptAnswersWhatItRefuses(t *testing.T) {
	o := options
	o.Origins = []string{"https://play.example.com"}
	url, _ := serve(t, o, echo)
	for _, c := range []struct {
		name        string
		subprotocol string
		origin      string
		want        int
	}{
		{"none offered", "", "", 101},
		{"one of two known", "x, hawos.v1.proto", "", 101},
		{"unknown", "mqtt", "", 400},
		{"own host", "", "http://" + strings.TrimPrefix(url, "ws://"), 101},
		{"listed", "", "https://play.example.com", 101},
		{"foreign", "", "https://evil.example.com", 403},
		{"nonsense", "", "null", 403},
	} {
		h := http.Header{}
		if c.origin != "" {
			h.Set("Origin", c.origin)
		}
		if c.subprotocol != "" {
			h.Set("Sec-WebSocket-Protocol", c.subprotocol)
		}
		ws, r, err := websocket.DefaultDialer.Dial(url, h)
		if r == nil || r.StatusCode != c.want {
			t.Errorf("%s: got %v, %v, want %d", c.name, r, err, c.want)
		}
		if ws != nil {
			ws.Close()
		}
	}
	r, err := http.Get("http" + strings.TrimPrefix(url, "ws"))
	if err != nil || r.StatusCode != http.StatusBadRequest {
		t.Errorf("plain GET: got %v, %v, want 400", r, err)
	}
	io.Copy(io.Discard, r.Body)
	r.Body.Close()
	http.DefaultClient.CloseIdleConnections()
}

func BenchmarkConnSend(b *testing.B) {
	conns := make(chan *conn.Conn, 1)
	url, _ := serve(b, options, func(c *conn.Conn) { conns <- c; echo(c) })
	ws := dial(b, url, wire.SubprotocolProto)
	go io.Copy(io.Discard, ws.NetConn())
	c := <-conns
	p := wire.Packet{ID: 2001, Seq: 9, Payload: make([]byte, 64)}
	b.ReportAllocs()
	for b.Loop() {
		c.Send(&p)
		c.Flush()
	}
}

// The reason of a close may be a text from outside, as that of a Kick is.
func TestConnCutsALongReasonBetweenCharacters(t *testing.T) {
	url, _ := serve(t, options, func(c *conn.Conn) {
		c.Close(wire.CloseKicked, strings.Repeat("x", 121)+strings.Repeat("禁", 10))
		c.Serve(func([]byte) {})
	})
	_, _, err := dial(t, url, wire.SubprotocolProto).ReadMessage()
	var e *websocket.CloseError
	if !errors.As(err, &e) || e.Code != wire.CloseKicked || e.Text != strings.Repeat("x", 121) {
		t.Errorf("got %v, want %d with a text of whole characters", err, wire.CloseKicked)
	}
}

// A client that sends and does not read is stopped by its own replies, long before
// all that it has to send is served; once it reads, nothing is missing.
func TestConnStopsServingAClientThatDoesNotRead(t *testing.T) {
	const n = 5_000
	url, a := serve(t, options, echo)
	d := websocket.Dialer{Subprotocols: []string{wire.SubprotocolProto}, NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, addr)
		if tcp, ok := c.(*net.TCPConn); ok {
			err = errors.Join(err, tcp.SetReadBuffer(32<<10))
		}
		return c, err
	}}
	ws, _, err := d.DialContext(t.Context(), url, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer ws.Close()
	var sent sync.WaitGroup
	sent.Go(func() {
		for i := range n {
			if err := ws.WriteMessage(websocket.BinaryMessage, fmt.Appendf(nil, "%0100d", i)); err != nil {
				t.Errorf("send %d: %v", i, err)
				return
			}
		}
	})
	served := func() uint64 { return a.Stats().PacketsIn.Load() }
	for last, still := uint64(0), 0; still < 20; time.Sleep(5 * time.Millisecond) { // until it stands
		if now := served(); now != last || now == 0 {
			last, still = now, 0
			continue
		}
		still++
	}
	if got := served(); got > n/2 {
		t.Errorf("served %d of %d requests of a client that reads nothing", got, n)
	}
	if err := ws.NetConn().(*net.TCPConn).SetReadBuffer(1 << 20); err != nil { // a narrow window is a slow one
		t.Fatal(err)
	}
	for i := range n {
		_, b, err := ws.ReadMessage()
		var p wire.Packet
		if err != nil || p.Unmarshal(b) != nil || string(p.Payload) != fmt.Sprintf("%0100d", i) {
			t.Fatalf("reply %d: got %q, %v", i, p.Payload, err)
		}
	}
	sent.Wait()
}
