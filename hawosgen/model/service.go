package model

import (
	"strings"

	"github.com/hawos/hawos/hawosgen/schema"
)

// Service is one proto service.
type Service struct {
	Name     string // in Go: Chat
	FullName string // chat.v1.Chat
	App      string // appName
	Doc      Doc
	Balance  string // Go code
	Methods  []*Method
	Pushes   []PushRef
	Events   bool

	// Server and RegisterServer are the official generator's; the others are
	// ours.
	Server, RegisterServer                         string
	AppConst, Handler, Register, Caller, NewCaller string

	schema *schema.Service
}

// Method is one rpc.
type Method struct {
	Name     string // in Go: Join
	FullName string // chat.v1.Chat.Join
	ID       uint32 // 0: none
	IDConst  string // ChatJoinID; empty without ID
	Doc      Doc
	Request  string // Go type without the star
	Reply    string
	Options  string // Go code
	Key      string // Go code of the key of the request in; empty with other orders

	schema *schema.Method
}

// PushRef is a push that a service announces, as its file names it.
type PushRef struct {
	IDConst string
	Message string // Go type without the star
}

func (b *builder) service(file *File, s *schema.Service) *Service {
	name, n := schema.GoName(s.Desc), b.scopes.of(s.File)
	out := &Service{
		Name:     name,
		FullName: string(s.Desc.FullName()),
		App:      s.App,
		Doc:      Doc(s.Doc),
		Balance:  balanceExpr(s.Balance),
		Events:   s.Events,

		Server:         name + "Server",
		RegisterServer: "Register" + name + "Server",
		AppConst:       n.choose(name + "App"),
		Handler:        n.choose(name + "Handler"),
		Register:       n.choose("Register" + name),
		schema:         s,
	}
	for _, m := range s.Methods {
		out.Methods = append(out.Methods, b.method(file, out, m))
	}
	if hasIDs(s) {
		out.Caller, out.NewCaller = n.choose(name+"Caller"), n.choose("New"+name+"Caller")
	}
	for _, p := range s.Pushes {
		out.Pushes = append(out.Pushes, PushRef{
			IDConst: file.Imports.qualify(p.File.Go.ImportPath, p.File.Go.Name, b.pushes[p].IDConst),
			Message: b.messageType(file, p.Desc),
		})
	}
	return out
}

func (b *builder) method(file *File, s *Service, m *schema.Method) *Method {
	out := &Method{
		Name:     schema.GoName(m.Desc),
		FullName: string(m.Desc.FullName()),
		ID:       m.ID,
		Doc:      Doc(m.Doc),
		schema:   m,
	}
	if m.ID == 0 {
		return out
	}
	out.IDConst = b.scopes.of(m.Service.File).choose(s.Name + out.Name + "ID")
	out.Request = b.messageType(file, m.Desc.Input())
	out.Reply = b.messageType(file, m.Desc.Output())
	options := m.Options
	if m.Key != nil {
		out.Key = keyExpr("in", m.Key, file.Imports)
		options.Order = 0 // link.Keyed says it
	}
	out.Options = optionsExpr(options, file.Imports)
	return out
}

// Called returns the rpcs that clients call by protocol ID.
func (s *Service) Called() []*Method {
	var out []*Method
	for _, m := range s.Methods {
		if m.ID != 0 {
			out = append(out, m)
		}
	}
	return out
}

// IsLinked reports whether frontends have anything to do with the service.
func (s *Service) IsLinked() bool {
	return len(s.Called()) > 0 || len(s.Pushes) > 0 || s.Events
}

// Trailing returns the first sentence of the rpc's comment as one behind code.
func (m *Method) Trailing() string { return m.Doc.trailing() }

// trailing returns the first sentence as a comment behind code; empty where there
// is none.
func (d Doc) trailing() string {
	if text := d.brief(); text != "" {
		return " // " + text
	}
	return ""
}

// brief returns the first sentence on one line.
func (d Doc) brief() string {
	paragraph, _, _ := strings.Cut(string(d), "\n\n")
	text := strings.Join(strings.Fields(paragraph), " ")
	if end := strings.Index(text, ". "); end >= 0 {
		return text[:end+1]
	}
	return text
}

// Place returns where the schema declares the rpc.
func (m *Method) Place() schema.Pos { return m.schema.Pos }
