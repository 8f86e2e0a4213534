package model

import (
	"cmp"
	"fmt"
	"go/build"
	"io"
	"path"
	"slices"
	"strings"

	"github.com/hawos/hawos/hawosgen/schema"
)

// App is one logic service: the process that serves all proto services of an
// appName.
type App struct {
	Name     string // appName: chat
	Dir      string // folder of its handlers: internal/chat
	Package  string // name of their Go package: chat
	Module   string // of the project
	Handlers []*Handler
}

// Handler is the user's type that implements one proto service.
type Handler struct {
	App     *App
	Service *Service
	Type    string // Service, RoomService
	New     string // its constructor: New, NewRoomService
	File    string // where it is first written: service.go, room_service.go
	// Proto is the Go package of the service.
	Proto schema.GoPackage

	schema *schema.Schema
}

// IsReservedApp reports whether an appName belongs to a part of each project
// that is no logic service.
func IsReservedApp(name string) bool { return name == "frontend" || name == "config" }

// Check returns what is wrong with a schema for a project, though its code could
// be generated.
func Check(s *schema.Schema) schema.Faults {
	var faults schema.Faults
	for _, service := range s.Services {
		if IsReservedApp(service.App) {
			faults = append(faults, s.Fault(service.Pos, fmt.Sprintf("service %s has the appName %q, which belongs to the project's own %s", service.Desc.FullName(), service.App, service.App),
				`give it another by option (hawos.app) = {name: "…"}`))
		}
	}
	return faults
}

func buildApps(all *schema.Schema, services []*Service, module string) []*App {
	byName := map[string]*App{}
	var apps []*App
	for _, s := range services {
		if byName[s.App] == nil {
			byName[s.App] = NewApp(s.App, module)
			apps = append(apps, byName[s.App])
		}
	}
	slices.SortFunc(apps, func(a, b *App) int { return cmp.Compare(a.Name, b.Name) })
	for _, s := range services {
		a := byName[s.App]
		a.Handlers = append(a.Handlers, &Handler{App: a, Service: s, Proto: s.schema.File.Go, schema: all})
	}
	for _, a := range apps {
		a.nameHandlers()
	}
	return apps
}

// NewApp returns an app without services.
func NewApp(name, module string) *App {
	return &App{
		Name:    name,
		Dir:     path.Join("internal", name),
		Package: appPackage(name),
		Module:  module,
	}
}

// appPackage returns the package name of an app's handlers.
func appPackage(name string) string {
	joined := strings.ReplaceAll(name, "-", "")
	if isGoWord(joined) {
		return joined + "app"
	}
	return joined
}

// nameHandlers chooses the handlers' type and file names. The service that is
// called like the app has the plain names, and of several versions of it the
// first.
func (a *App) nameHandlers() {
	types, files := names{}, names{}
	for _, h := range a.Handlers {
		base := strings.TrimSuffix(h.Service.Name, "Service")
		pkg := strings.Split(string(h.Service.schema.Desc.ParentFile().Package()), ".")
		version := base + camel(pkg[len(pkg)-1])
		file := snake(base)
		if h.Service.Name == camel(a.Name) {
			base, file = "", "service"
		}
		h.Type = types.choose(base+"Service", version+"Service")
		h.New = "New" + h.Type
		if h.Type == "Service" {
			h.New = "New"
		}
		h.File = files.choose(goFile(file), goFile(snake(version)))
	}
}

// goFile returns the name of a Go file that is built on all platforms and is no
// test, whatever its stem ends in.
func goFile(stem string) string {
	everywhere := build.Context{
		GOOS: "none", GOARCH: "none", Compiler: "gc",
		OpenFile: func(string) (io.ReadCloser, error) { return io.NopCloser(strings.NewReader("package p")), nil },
	}
	name := stem + ".go"
	if ok, err := everywhere.MatchFile("", name); err != nil || !ok || strings.HasSuffix(name, "_test.go") {
		return stem + "_service.go"
	}
	return name
}
