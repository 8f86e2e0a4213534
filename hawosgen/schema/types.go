package schema

import (
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/hawos/hawos/runtime/route"
)

// Schema is what a project's .proto files say, checked. It is not changed once
// Compile has returned it, and may be read concurrently.
type Schema struct {
	// Files are all files, imported ones included, each after those that it
	// imports; the order depends on the files' contents and names alone.
	Files []*File
	// Services are those of the project's files, by file path, then in the order
	// of declaration.
	Services []*Service
	// Pushes are the messages with a push_id, by ID.
	Pushes []*Push
	// Errors are the enums with the option errors, by file path, then in the
	// order of declaration.
	Errors []*ErrorEnum
	// Warnings are worth a line each to the user; they stop nothing.
	Warnings Faults

	byPath map[string]*File
	src    *Sources
	ids    ids
}

// File is one .proto file.
type File struct {
	Path  string                            // as it is imported: chat/v1/chat.proto
	Root  string                            // the root that holds it, as Config.Roots names it; empty unless Owned
	Owned bool                              // one of the project's own: code is generated for it
	Desc  protoreflect.FileDescriptor       // with source positions and comments
	Proto *descriptorpb.FileDescriptorProto // the same, as plugins read it; not to be changed
	Go    GoPackage
}

// GoPackage is where the Go code of a file lives.
type GoPackage struct {
	ImportPath string // github.com/hawos/hawos/sample/gen/chat/v1
	Name       string // chatv1
	// Dir is the package's folder, slash-separated and relative to the project's:
	// gen/chat/v1. Empty where the code is not the project's.
	Dir string
}

// Service is one proto service of the project.
type Service struct {
	File    *File
	Desc    protoreflect.ServiceDescriptor // Desc.Name() is Chat, Desc.FullName() chat.v1.Chat
	App     string                         // appName: given, else the package's first segment
	IDs     Range                          // where its protocol IDs must lie; the zero Range is anywhere
	Balance route.Balance                  // of its app, for each service of the app the same
	Events  bool                           // hears of sessions that open and close
	Methods []*Method                      // all rpcs, in the order of declaration
	// Pushes are those that the service announces to frontends, by ID. A push is
	// announced by the first service of each app in its file; where the file has
	// no service, in its package; where that has none, among the files that
	// import it.
	Pushes []*Push
	Doc    string // the leading comment, without slashes; lines end in \n but the last
	Pos    Pos    // of the name
}

// Method is one rpc.
type Method struct {
	Service *Service
	// Desc names the rest: Input() and Output() are request and reply,
	// IsStreamingClient() and IsStreamingServer() tell its kind.
	Desc    protoreflect.MethodDescriptor
	ID      uint32                       // protocol ID; 0: for other services only, by plain gRPC
	Options route.Options                // the zero value where the schema has no route
	Key     protoreflect.FieldDescriptor // the request's field of order KEY; nil with other orders
	Doc     string
	Pos     Pos // of the name
	IDPos   Pos // of the option id; zero without ID
}

// Push is a message that the server pushes.
type Push struct {
	File     *File
	Desc     protoreflect.MessageDescriptor
	ID       uint32
	App      string // of the first service that announces it; empty where none does
	Delivery Delivery
	Doc      string
	Pos      Pos // of the name
	IDPos    Pos // of the option push_id
}

// Delivery says what happens to a push whose client is slow.
type Delivery struct {
	Class route.Class
	Key   protoreflect.FieldDescriptor // of which LATEST keeps one push each; may be nil
	TTL   time.Duration                // 0: never expires
}

// ErrorEnum is an enum of typed errors.
type ErrorEnum struct {
	File   *File
	Desc   protoreflect.EnumDescriptor
	Values []ErrorValue // those ≥ 100, in the order of declaration
	Doc    string
	Pos    Pos // of the name
}

// ErrorValue is one typed error.
type ErrorValue struct {
	Desc protoreflect.EnumValueDescriptor
	Code uint32 // ≥ 100, unique over the project
	Doc  string
	Pos  Pos // of the name
}
