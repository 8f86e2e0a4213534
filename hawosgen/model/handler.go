package model

import (
	"strings"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/hawosgen/schema"
)

// HandlerFile is the file in which a handler is first written.
type HandlerFile struct {
	*Handler
	Imports   *Imports
	Interface string // chatv1.ChatHandler
	Methods   []Stub
}

// Stub is one method of a handler as it is first written.
type Stub struct {
	Doc      Doc
	Receiver string // Go code: s *Service
	Name     string // Join
	FullName string // chat.v1.Chat.Join; empty for a method of link.Events
	Params   string // Go code: ctx context.Context, in *chatv1.JoinRequest
	Results  string // Go code, in brackets where there are two; empty for none
	Return   string // Go code of the body; empty for none
}

// HandlerLocals are the parameters of a handler's methods: no package is called
// like one.
var HandlerLocals = []string{"s", "ctx", "in", "stream", "a", "client", "reason"}

// NewHandlerFile returns the file of h.
func NewHandlerFile(h *Handler) *HandlerFile {
	f := newHandlerFile(h)
	for _, name := range h.MethodNames() {
		f.Methods = append(f.Methods, h.Stub(name, "s *"+h.Type, f.Imports.useAs))
	}
	return f
}

func newHandlerFile(h *Handler) *HandlerFile {
	in := newImports(h.App.Module, h.App.Dir, HandlerLocals...)
	for _, p := range []string{"context", "log/slog", runtime("app"), runtime("push")} {
		in.use(p)
	}
	f := &HandlerFile{Handler: h, Imports: in}
	f.Interface = in.useAs(h.Proto.ImportPath, h.Proto.Name) + "." + h.Service.Handler
	return f
}

// ExampleFile is the handler of the example that a new service begins with.
type ExampleFile struct {
	HandlerFile
	Method Stub
	Reply  string // Go type of the reply without the star
}

// NewExampleFile returns the file of h, whose proto is the one that NewService
// describes.
func NewExampleFile(h *Handler) *ExampleFile {
	f := &ExampleFile{HandlerFile: *newHandlerFile(h)}
	m := h.Service.Methods[0]
	f.Method = Stub{Doc: m.Doc, Name: m.Name}
	f.Method.Params, f.Method.Results = h.signature(m, f.Imports.useAs)
	f.Reply = h.goType(m.schema.Desc.Output(), f.Imports.useAs)
	return f
}

// Qualifier returns the name by which a Go file knows a package of the given
// path and name.
type Qualifier func(importPath, name string) string

// MethodNames returns the names of the methods that the handler's type must
// have, in the order of the schema.
func (h *Handler) MethodNames() []string {
	var out []string
	for _, m := range h.Service.Methods {
		out = append(out, m.Name)
	}
	if h.Service.Events {
		out = append(out, opened, closed)
	}
	return out
}

// The methods of link.Events.
const opened, closed = "SessionOpened", "SessionClosed"

// Stub returns one of the methods that MethodNames names, with a receiver as the
// user calls it, in Go code.
func (h *Handler) Stub(name, receiver string, q Qualifier) Stub {
	s := Stub{Name: name, Receiver: receiver}
	s.Params, s.Results = h.Signature(name, q)
	if m := h.rpc(name); m != nil {
		s.Doc, s.FullName, s.Return = stubDoc(m), m.FullName, h.body(m, q)
		return s
	}
	s.Doc = Doc(name + " hears, at least once, of each session that opens.")
	if name == closed {
		s.Doc = closed + " hears, at least once, of each session that closes."
	}
	return s
}

// Forward returns a method of that name that lets the receiver's method called
// to answer.
func (h *Handler) Forward(name, to, receiver string, q Qualifier) Stub {
	s := Stub{Name: name, Receiver: receiver}
	s.Params, s.Results = h.Signature(name, q)
	if m := h.rpc(name); m != nil {
		s.Doc, s.FullName = stubDoc(m), m.FullName
	}
	var args []string
	for _, p := range strings.Split(s.Params, ", ") {
		if arg, _, ok := strings.Cut(p, " "); ok { // not the rest of a stream's type
			args = append(args, arg)
		}
	}
	self, _, _ := strings.Cut(receiver, " ")
	s.Return = "return " + self + "." + to + "(" + strings.Join(args, ", ") + ")"
	return s
}

// Signature returns the parameters and results of one of the methods that
// MethodNames names, in Go code.
func (h *Handler) Signature(name string, q Qualifier) (params, results string) {
	if m := h.rpc(name); m != nil {
		return h.signature(m, q)
	}
	params = "ctx " + q("context", "context") + ".Context, client " + q(runtime("session"), "session") + ".Session"
	if name == closed {
		params += ", reason string"
	}
	return params, ""
}

// rpc returns the rpc that the method of that name answers; nil for one of
// link.Events.
func (h *Handler) rpc(name string) *Method {
	for _, m := range h.Service.Methods {
		if m.Name == name {
			return m
		}
	}
	return nil
}

func stubDoc(m *Method) Doc {
	if m.Doc == "" {
		return Doc(m.Name + " answers " + m.FullName + ".")
	}
	return m.Doc
}

// signature returns the parameters and results of the rpc's method, the gRPC
// server's own.
func (h *Handler) signature(m *Method, q Qualifier) (params, results string) {
	d := m.schema.Desc
	in, out := h.goType(d.Input(), q), h.goType(d.Output(), q)
	switch client, server := d.IsStreamingClient(), d.IsStreamingServer(); {
	case client && server:
		return "stream " + q(grpcPath, "grpc") + ".BidiStreamingServer[" + in + ", " + out + "]", "error"
	case client:
		return "stream " + q(grpcPath, "grpc") + ".ClientStreamingServer[" + in + ", " + out + "]", "error"
	case server:
		return "in *" + in + ", stream " + q(grpcPath, "grpc") + ".ServerStreamingServer[" + out + "]", "error"
	}
	return "ctx " + q("context", "context") + ".Context, in *" + in, "(*" + out + ", error)"
}

const grpcPath = "google.golang.org/grpc"

func (h *Handler) goType(d protoreflect.MessageDescriptor, q Qualifier) string {
	of := h.schema.FileOf(d)
	return q(of.Go.ImportPath, of.Go.Name) + "." + schema.GoName(d)
}

// body returns what the method does until it is written.
func (h *Handler) body(m *Method, q Qualifier) string {
	refusal := q(runtime("errcode"), "errcode") + `.NotWritten("` + m.FullName + `")`
	if d := m.schema.Desc; d.IsStreamingClient() || d.IsStreamingServer() {
		return "return " + refusal
	}
	return "return nil, " + refusal
}

// RequestOf returns the type of an rpc's request with its package's path:
// example.com/demo/gen/chat/v1.JoinRequest.
func (h *Handler) RequestOf(m *Method) string {
	return h.goType(m.schema.Desc.Input(), func(importPath, _ string) string { return importPath })
}
