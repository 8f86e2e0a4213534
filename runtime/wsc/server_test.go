package wsc_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	"go.uber.org/goleak"
	"google.golang.org/protobuf/proto"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/wire"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// frontend is a websocket server whose connections a test plays by hand.
type frontend struct {
	url     string
	accepts chan *peer // one per connection, in their order
	http    *httptest.Server
	refuse  chan int // HTTP statuses for the next upgrades
}

func newFrontend(t *testing.T) *frontend {
	t.Helper()
	f := &frontend{accepts: make(chan *peer, 16), refuse: make(chan int, 16)}
	var open sync.WaitGroup
	f.http = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case status := <-f.refuse:
			w.WriteHeader(status)
			return
		default:
		}
		u := websocket.Upgrader{Subprotocols: []string{wire.SubprotocolProto, wire.SubprotocolJSON}}
		ws, err := u.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		open.Add(1)
		defer open.Done()
		defer ws.Close()
		p := &peer{t: t, ws: ws, header: r.Header, done: make(chan struct{}), packets: make(chan wire.Packet, 256)}
		if ws.Subprotocol() == wire.SubprotocolJSON {
			p.encoding = wire.JSON
		}
		f.accepts <- p
		p.read()
	}))
	f.url = "ws" + strings.TrimPrefix(f.http.URL, "http") + wire.Path
	t.Cleanup(func() {
		f.http.CloseClientConnections()
		f.http.Close()
		for range len(f.accepts) {
			(<-f.accepts).ws.Close()
		}
		open.Wait()
	})
	return f
}

// accept returns the next connection.
func (f *frontend) accept(t *testing.T) *peer {
	t.Helper()
	select {
	case p := <-f.accepts:
		t.Cleanup(func() { p.ws.Close() })
		return p
	case <-time.After(10 * time.Second):
		t.Fatal("no connection within 10s")
		return nil
	}
}

// peer is the frontend's end of one connection.
type peer struct {
	t        *testing.T
	ws       *websocket.Conn
	header   http.Header
	encoding wire.Encoding
	packets  chan wire.Packet
	done     chan struct{} // closed when the client's side has ended
	err      error
}

func (p *peer) read() {
	defer close(p.done)
	for {
		_, b, err := p.ws.ReadMessage()
		if err != nil {
			p.err = err
			return
		}
		var packet wire.Packet
		if err := p.encoding.UnmarshalPacket(b, &packet); err != nil {
			p.t.Errorf("the client sent %q: %v", b, err)
			return
		}
		p.packets <- packet
	}
}

// next returns the next packet of the client that is no ping.
func (p *peer) next() wire.Packet {
	p.t.Helper()
	for {
		select {
		case packet := <-p.packets:
			if packet.ID != wire.IDPing {
				return packet
			}
			p.answer(packet, &hawospb.PingReply{})
		case <-p.done:
			p.t.Fatalf("the client went away with %v", p.err)
		case <-time.After(10 * time.Second):
			p.t.Fatal("no packet within 10s")
		}
	}
}

func (p *peer) send(packet wire.Packet) {
	p.t.Helper()
	kind := websocket.BinaryMessage
	if p.encoding == wire.JSON {
		kind = websocket.TextMessage
	}
	if err := p.ws.WriteMessage(kind, p.encoding.AppendPacket(nil, &packet)); err != nil {
		p.t.Error(err)
	}
}

func (p *peer) push(id uint32, m proto.Message) {
	p.t.Helper()
	p.send(wire.Packet{ID: id, Payload: p.payload(m)})
}

func (p *peer) answer(request wire.Packet, m proto.Message) {
	p.t.Helper()
	p.send(wire.Packet{ID: request.ID, Seq: request.Seq, Payload: p.payload(m)})
}

func (p *peer) payload(m proto.Message) []byte {
	p.t.Helper()
	b, err := p.encoding.Marshal(nil, m)
	if err != nil {
		p.t.Error(err)
	}
	return b
}

// close ends the connection with a close code.
func (p *peer) close(code int, reason string) {
	p.t.Helper()
	if err := p.ws.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, reason), time.Now().Add(time.Second)); err != nil {
		p.t.Error(err)
	}
}

// welcome answers the token of the upgrade.
func (p *peer) welcome(uid string) {
	p.t.Helper()
	p.push(wire.IDLogin, &hawospb.LoginReply{Uid: uid, SessionId: "s1", HeartbeatMs: 20_000})
}
