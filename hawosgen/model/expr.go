package model

import (
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/hawosgen/schema"
	"github.com/hawos/hawos/runtime/route"
)

// durationExpr returns d as Go code: 3 * time.Second.
func durationExpr(d time.Duration, in *Imports) string {
	pkg := in.use("time")
	units := []struct {
		unit time.Duration
		name string
	}{
		{time.Hour, "Hour"}, {time.Minute, "Minute"}, {time.Second, "Second"},
		{time.Millisecond, "Millisecond"}, {time.Microsecond, "Microsecond"}, {time.Nanosecond, "Nanosecond"},
	}
	for _, u := range units {
		switch {
		case d == u.unit:
			return pkg + "." + u.name
		case d%u.unit == 0:
			return fmt.Sprintf("%d * %s.%s", d/u.unit, pkg, u.name)
		}
	}
	return "0"
}

// optionsExpr returns the options of a route as Go code, without those that
// have their default.
func optionsExpr(o route.Options, in *Imports) string {
	pkg := in.use(runtime("route"))
	var fields []string
	add := func(name, value string) { fields = append(fields, name+": "+value) }
	if o.Timeout > 0 {
		add("Timeout", durationExpr(o.Timeout, in))
	}
	if o.Rate.N > 0 {
		add("Rate", fmt.Sprintf("%s.Rate{N: %d, Per: %s}", pkg, o.Rate.N, durationExpr(o.Rate.Per, in)))
	}
	if o.LoginOptional {
		add("LoginOptional", "true")
	}
	switch o.Order {
	case route.OrderKey:
		add("Order", pkg+".OrderKey")
	case route.OrderNone:
		add("Order", pkg+".OrderNone")
	}
	if o.Idempotent {
		add("Idempotent", "true")
	}
	return pkg + ".Options{" + strings.Join(fields, ", ") + "}"
}

func balanceExpr(b route.Balance) string {
	if b == route.BalanceSession {
		return "route.BalanceSession"
	}
	return "route.BalanceRoundRobin"
}

// classExpr returns a delivery class as Go code; empty for the default.
func classExpr(c route.Class) string {
	switch c {
	case route.Latest:
		return "route.Latest"
	case route.DropOldest:
		return "route.DropOldest"
	}
	return ""
}

// keyExpr returns the value of field f of the message in the variable v, as a
// string.
func keyExpr(v string, f protoreflect.FieldDescriptor, in *Imports) string {
	get := v + "." + getter(f) + "()"
	switch f.Kind() {
	case protoreflect.StringKind:
		return get
	case protoreflect.BytesKind:
		return "string(" + get + ")"
	case protoreflect.BoolKind:
		return in.use("strconv") + ".FormatBool(" + get + ")"
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		return in.use("strconv") + ".FormatInt(" + get + ", 10)"
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		return in.use("strconv") + ".FormatUint(" + get + ", 10)"
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		return in.use("strconv") + ".FormatUint(uint64(" + get + "), 10)"
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return in.use("strconv") + ".FormatFloat(float64(" + get + "), 'g', -1, 64)"
	}
	return in.use("strconv") + ".FormatInt(int64(" + get + "), 10)"
}

// getter returns the name of the method by which Go reads f. protoc-gen-go
// lengthens a field's name where a method or an earlier field has it.
func getter(f protoreflect.FieldDescriptor) string {
	used := map[string]bool{
		"Reset": true, "String": true, "ProtoMessage": true, "Marshal": true, "Unmarshal": true,
		"ExtensionRangeArray": true, "ExtensionMap": true, "Descriptor": true,
	}
	unique := func(name string, hasGetter bool) string {
		for used[name] || hasGetter && used["Get"+name] {
			name += "_"
		}
		used[name], used["Get"+name] = true, hasGetter
		return name
	}
	fields := f.ContainingMessage().Fields()
	for i := range fields.Len() {
		field := fields.Get(i)
		name := unique(schema.GoCamel(string(field.Name())), true)
		if field == f {
			return "Get" + name
		}
		if o := field.ContainingOneof(); o != nil && o.Fields().Get(0) == field {
			unique(schema.GoCamel(string(o.Name())), false)
		}
	}
	return "Get" + schema.GoCamel(string(f.Name()))
}

// runtime returns the import path of a room of hawos's runtime.
func runtime(room string) string { return "github.com/hawos/hawos/runtime/" + room }
