package e2e_test

import (
	"context"
	"fmt"
	"net"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/hawos/hawos/runtime/wire"
	chatv1 "github.com/hawos/hawos/sample/gen/chat/v1"
)

// A member that never reads is disconnected once its queue is full; until then
// and afterwards the others hear every message soon.
func TestSlowReaderHoldsNobodyUp(t *testing.T) {
	w := newWorld(t, options{})
	frontend := w.start(program{"frontend", "1", []string{"--ws.max_queue_bytes", "65536"}}, program{"chat", "1", nil})[0]
	const senders = 8
	var users [senders]*user
	for i := range users {
		users[i] = connect(t, frontend, fmt.Sprint("u", i))
		users[i].join("a")
	}
	slow := dialSlow(t, frontend, "slow")
	defer slow.Close()
	users[0].await("joined a slow")

	text := strings.Repeat("\U0001F40C", 1000) // 4,000 bytes
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	var wg sync.WaitGroup
	for _, u := range users {
		wg.Go(func() {
			for ctx.Err() == nil {
				if _, err := u.chat.Send(ctx, &chatv1.SendRequest{Room: "a", Text: text}); err != nil && ctx.Err() == nil {
					pause(ctx, 20*time.Millisecond) // above the rate that the schema allows
				}
			}
		})
	}
	bystander := connect(t, frontend, "bystander")
	bystander.join("a")
	for i := 0; ; i++ {
		start := time.Now()
		bystander.send("a", fmt.Sprint("number ", i))
		bystander.await(fmt.Sprint("a bystander number ", i))
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("message %d took %v beside a slow reader", i, took)
		}
		if users[0].heardNow("left a slow") {
			break
		}
		if ctx.Err() != nil {
			t.Fatalf("the slow reader is still there after %d messages", i)
		}
		pause(ctx, 50*time.Millisecond)
	}
	cancel()
	wg.Wait()
}

// pause waits for d, or until ctx ends.
func pause(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}

// dialSlow connects uid with a small receive buffer, joins room a, and reads
// nothing.
func dialSlow(t *testing.T, frontend *process, uid string) *websocket.Conn {
	t.Helper()
	small := net.Dialer{Control: func(_, _ string, c syscall.RawConn) error {
		return c.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.SOL_SOCKET, syscall.SO_RCVBUF, 4096) })
	}}
	dialer := websocket.Dialer{NetDialContext: small.DialContext, Subprotocols: []string{wire.SubprotocolProto}}
	ws, reply, err := dialer.DialContext(t.Context(), "ws://"+frontend.addr("ws")+"/ws?token="+sign(t, uid), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = reply.Body.Close()
	payload, err := wire.Proto.Marshal(nil, &chatv1.JoinRequest{Room: "a"})
	if err != nil {
		t.Fatal(err)
	}
	join := wire.Packet{ID: chatv1.ChatJoinID, Seq: 1, Payload: payload}
	if err := ws.WriteMessage(websocket.BinaryMessage, join.Append(nil)); err != nil {
		t.Fatal(err)
	}
	return ws
}
