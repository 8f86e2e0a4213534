package schema

import (
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/descriptorpb"

	"github.com/hawos/hawos/runtime/hawospb"
	"github.com/hawos/hawos/runtime/route"
)

// manyRPCs is from how many rpcs in a file on protoc-gen-go, which is quadratic in
// them, gets slow.
const manyRPCs = 500

// services takes in the services of the project's files.
func (c *checker) services() {
	for _, f := range c.owned() {
		list, rpcs := f.Desc.Services(), 0
		for i := range list.Len() {
			c.schema.Services = append(c.schema.Services, c.service(f, list.Get(i)))
			rpcs += list.Get(i).Methods().Len()
		}
		if rpcs > manyRPCs {
			c.warn(c.src.name(list.Get(0)), fmt.Sprintf("%s has %d rpcs; above %d in one file the official generators get slow", f.Path, rpcs, manyRPCs),
				"spread them over several files")
		}
	}
	c.balances()
}

// service takes in one service.
func (c *checker) service(f *File, d protoreflect.ServiceDescriptor) *Service {
	s := &Service{File: f, Desc: d, Doc: docOf(d), Pos: c.src.name(d)}
	app, _ := proto.GetExtension(options[descriptorpb.ServiceOptions](d), hawospb.E_App).(*hawospb.App)
	s.Events = app.GetEvents()
	s.Balance = route.Balance(app.GetBalance())
	s.App = c.appName(d, app.GetName())
	if ids := app.GetIds(); ids != "" {
		var ok bool
		if s.IDs, ok = ParseRange(ids); !ok {
			c.fault(c.src.option(d, optionApp, appIDs), fmt.Sprintf("%q is no range of protocol IDs", ids),
				fmt.Sprintf(`write "LOW-HIGH" with %d ≤ LOW ≤ HIGH ≤ %d: "2000-2999"`, route.FirstID, lastID))
		}
	}
	for i := range d.Methods().Len() {
		s.Methods = append(s.Methods, c.method(s, d.Methods().Get(i)))
	}
	return s
}

// appName returns the appName of a service: the given one, else the first
// segment of its package.
func (c *checker) appName(d protoreflect.ServiceDescriptor, name string) string {
	fault := func(text, remedy string) { c.fault(c.src.option(d, optionApp, appName), text, remedy) }
	const rule = "a lower-case letter, then up to 19 of a-z, 0-9 and -"
	switch {
	case name == "" && d.ParentFile().Package() == "":
		fault(fmt.Sprintf("service %s has no appName: its file has no package to take it from", d.Name()),
			`add a package, or option (hawos.app) = {name: "…"};`)
	case name == "":
		name, _, _ = strings.Cut(string(d.ParentFile().Package()), ".")
		if !IsAppName(name) {
			fault(fmt.Sprintf("service %s takes its appName from its package, but %q is none", d.Name(), name),
				`give one by option (hawos.app) = {name: "…"}: `+rule)
		}
	case !IsAppName(name):
		fault(fmt.Sprintf("%q is no appName", name), "use "+rule)
	}
	return name
}

// balances makes the services of an app agree on its balance.
func (c *checker) balances() {
	first := map[string]*Service{}
	for _, s := range c.schema.Services {
		if !hasApp(s.Desc) {
			continue
		}
		other := first[s.App]
		switch {
		case other == nil:
			first[s.App] = s
		case other.Balance != s.Balance:
			c.fault(c.src.option(s.Desc, optionApp, appBalance),
				fmt.Sprintf("%s and %s are one app, %q, but differ in their balance", other.Desc.FullName(), s.Desc.FullName(), s.App),
				"give both the same balance, or different appNames",
				Note{Text: "the other one", Pos: c.src.option(other.Desc, optionApp, appBalance)})
		}
	}
	for _, s := range c.schema.Services {
		if given := first[s.App]; given != nil {
			s.Balance = given.Balance
		}
	}
}

// hasApp reports whether a service says anything of its app.
func hasApp(d protoreflect.ServiceDescriptor) bool {
	return proto.HasExtension(options[descriptorpb.ServiceOptions](d), hawospb.E_App)
}
