package link

import (
	"context"

	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/runtime/route"
	"github.com/hawos/hawos/runtime/session"
)

// Service is one proto service of a logic service's process, as generated code
// registers it.
type Service struct {
	App     string // appName
	Name    string // full name, chat.v1.Chat
	Balance route.Balance
	Methods []Method
	Pushes  []Push
	Events  Events // nil: the service hears nothing of sessions
}

// Events is implemented by the handler of a service with the option events.
type Events interface {
	// SessionOpened is called at least once for each session that opens, also
	// for those that were open when this instance started, and again when
	// another user logs in on it. It takes its turn before the session's
	// requests that come later.
	SessionOpened(ctx context.Context, s session.Session)
	// SessionClosed is called at least once for each session that closes, also
	// for those of a frontend that crashed. A session whose link was only
	// interrupted opens again after it.
	SessionClosed(ctx context.Context, s session.Session, reason string)
}

// Push is a message that the service may push.
type Push struct {
	ID      uint32
	Message protoreflect.MessageDescriptor
}

// Registrar is what generated code registers a service on; *app.App is one.
type Registrar interface {
	grpc.ServiceRegistrar
	// RegisterLink serves the service's protocol IDs. It panics where an ID is
	// registered already.
	RegisterLink(Service)
}

// Method is one rpc that clients call by protocol ID. Unary and Keyed make one.
type Method struct {
	ID      uint32
	Name    string // full name, chat.v1.Chat.Send
	Options route.Options

	newRequest func() proto.Message
	call       func(context.Context, proto.Message) (proto.Message, error)
	key        func(proto.Message) string // nil unless Options.Order is OrderKey
}

// message is a pointer to M that is a proto message.
type message[M any] interface {
	*M
	proto.Message
}

// Unary returns the method that decodes a request, calls h and encodes its
// reply.
func Unary[Req, Reply any, Q message[Req], P message[Reply]](id uint32, name string, h func(context.Context, Q) (P, error), o route.Options) Method {
	return Method{
		ID: id, Name: name, Options: o,
		newRequest: func() proto.Message { return Q(new(Req)) },
		call: func(ctx context.Context, in proto.Message) (proto.Message, error) {
			out, err := h(ctx, in.(Q))
			if err != nil {
				return nil, err
			}
			return out, nil
		},
	}
}

// Keyed is Unary for a route of order KEY: requests for which key returns the
// same text run one after another within the instance.
func Keyed[Req, Reply any, Q message[Req], P message[Reply]](id uint32, name string, h func(context.Context, Q) (P, error), key func(Q) string, o route.Options) Method {
	m := Unary(id, name, h, o)
	m.Options.Order = route.OrderKey
	m.key = func(in proto.Message) string { return key(in.(Q)) }
	return m
}
