// Package systems holds the programs that hawos is measured beside: what no
// gateway can beat, and what a straightforward one costs. They speak the same
// packets as hawos does, so that one load generator drives them all; they have
// no login, no sessions, no metrics.
package systems

import (
	"net"
	"net/http"

	"github.com/gorilla/websocket"

	"github.com/hawos/hawos/runtime/wire"
)

var upgrader = websocket.Upgrader{ReadBufferSize: 1024, WriteBufferSize: 1024, Subprotocols: []string{wire.SubprotocolProto}}

// serveWS calls handle for each websocket connection, in a goroutine of its own.
func serveWS(l net.Listener, handle func(*websocket.Conn)) error {
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ws, err := upgrader.Upgrade(w, r, nil)
		if err != nil {
			return
		}
		defer ws.Close()
		handle(ws)
	}))
}

// Echo answers in the process that holds the websockets: no hop.
func Echo(l net.Listener) error {
	return serveWS(l, func(ws *websocket.Conn) {
		for {
			_, b, err := ws.ReadMessage()
			if err != nil {
				return
			}
			if err := ws.WriteMessage(websocket.BinaryMessage, b); err != nil {
				return
			}
		}
	})
}
