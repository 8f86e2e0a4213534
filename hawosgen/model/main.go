package model

import (
	"path"
	"strings"
)

// Main is the program of one logic service.
type Main struct {
	App      *App
	Imports  *Imports
	AppConst string // Go code: chatv1.ChatApp
	Handlers []MainHandler
}

// MainHandler is one handler that a main makes and registers.
type MainHandler struct {
	Var      string // service
	New      string // Go code: chat.New
	Register string // Go code: chatv1.RegisterChat
}

// NewMain returns the program of a.
func NewMain(a *App) *Main {
	in := newImports(a.Module, path.Join("cmd", a.Name), "a", "ctx", "err", "setup", "main")
	for _, p := range []string{"context", runtime("app"), runtime("registry/etcd"), runtime("directory/redis"), runtime("push/kafka"), runtime("push/nsq")} {
		in.use(p)
	}
	m := &Main{App: a, Imports: in}
	for i, h := range a.Handlers {
		proto := in.useAs(h.Proto.ImportPath, h.Proto.Name)
		if i == 0 {
			m.AppConst = proto + "." + h.Service.AppConst
		}
		m.Handlers = append(m.Handlers, MainHandler{
			New:      in.useAs(path.Join(a.Module, a.Dir), a.Package) + "." + h.New,
			Register: proto + "." + h.Service.Register,
		})
	}
	for i, h := range a.Handlers {
		m.Handlers[i].Var = in.taken.choose(strings.ToLower(h.Type[:1]) + h.Type[1:])
	}
	return m
}
