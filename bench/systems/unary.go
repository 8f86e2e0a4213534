package systems

import (
	"context"
	"net"
	"sync"

	"github.com/gorilla/websocket"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/wire"
)

const unaryMethod = "/bench.Echo/Call"

// UnaryLogic is the logic service behind UnaryGateway.
func UnaryLogic(l net.Listener) error {
	s := grpc.NewServer()
	s.RegisterService(&grpc.ServiceDesc{
		ServiceName: "bench.Echo",
		HandlerType: (*any)(nil),
		Methods: []grpc.MethodDesc{{MethodName: "Call", Handler: func(_ any, ctx context.Context, decode func(any) error, _ grpc.UnaryServerInterceptor) (any, error) {
			var in hawospb.Notice
			if err := decode(&in); err != nil {
				return nil, err
			}
			return &hawospb.Notice{Text: in.GetText()}, nil
		}}},
	}, nil)
	return s.Serve(l)
}

// UnaryGateway forwards each packet by one unary gRPC call, requests of a
// connection in parallel. It is the system that facts and ratios call L3.
func UnaryGateway(l net.Listener, logic string) error {
	cc, err := grpc.NewClient(logic, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		return err
	}
	defer cc.Close()
	return serveWS(l, func(ws *websocket.Conn) {
		var write sync.Mutex
		var calls sync.WaitGroup
		defer calls.Wait()
		for {
			_, b, err := ws.ReadMessage()
			if err != nil {
				return
			}
			calls.Go(func() { unary(cc, ws, &write, b) })
		}
	})
}

func unary(cc *grpc.ClientConn, ws *websocket.Conn, write *sync.Mutex, b []byte) {
	var p wire.Packet
	var in, out hawospb.Notice
	if p.Unmarshal(b) != nil || (wire.Proto).Unmarshal(p.Payload, &in) != nil {
		return
	}
	reply := wire.Packet{ID: p.ID, Seq: p.Seq}
	if err := cc.Invoke(context.Background(), unaryMethod, &in, &out); err != nil {
		reply.Code, reply.Error = 14, err.Error()
	} else {
		reply.Payload, _ = (wire.Proto).Marshal(nil, &out)
	}
	write.Lock()
	defer write.Unlock()
	_ = ws.WriteMessage(websocket.BinaryMessage, reply.Append(nil))
}
