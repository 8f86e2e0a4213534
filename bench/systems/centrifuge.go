package systems

import (
	"context"
	"net"
	"net/http"

	"github.com/centrifugal/centrifuge"

	"github.com/hawos/hawos/bench/load"
)

// Centrifuge holds the websockets of its clients, each subscribed to the group by
// the server, and publishes within the process: no queue. push publishes.
func Centrifuge() (serve func(net.Listener) error, push func(context.Context) error, err error) {
	node, err := centrifuge.New(centrifuge.Config{LogLevel: centrifuge.LogLevelError, LogHandler: func(centrifuge.LogEntry) {}})
	if err != nil {
		return nil, nil, err
	}
	node.OnConnecting(func(context.Context, centrifuge.ConnectEvent) (centrifuge.ConnectReply, error) {
		return centrifuge.ConnectReply{
			Credentials:   &centrifuge.Credentials{UserID: "u"},
			Subscriptions: map[string]centrifuge.SubscribeOptions{load.Group: {}},
		}, nil
	})
	if err := node.Run(); err != nil {
		return nil, nil, err
	}
	serve = func(l net.Listener) error {
		mux := http.NewServeMux()
		mux.Handle("/connection/websocket", centrifuge.NewWebsocketHandler(node, centrifuge.WebsocketConfig{
			PingPongConfig: centrifuge.PingPongConfig{PingInterval: -1, PongTimeout: -1},
		}))
		return http.Serve(l, mux)
	}
	push = func(context.Context) error {
		_, err := node.Publish(load.Group, []byte(load.Text))
		return err
	}
	return serve, push, nil
}
