package schema

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/runtime/route"
)

// Numbers of hawos's options, and of those of their fields whose places faults
// name.
const (
	optionApp  = 51001
	appName    = 1
	appIDs     = 2
	appBalance = 3

	optionID     = 51001
	optionRoute  = 51002
	routeTimeout = 1
	routeRate    = 2
	routeOrder   = 4
	routeKey     = 5

	optionPushID   = 51001
	optionDelivery = 51002
	deliveryKey    = 2
	deliveryTTL    = 3
)

// options copies d's options into one of the compiled-in types, in which hawos's
// extensions have their Go types; the compiler's own values are dynamic.
func options[T any, P interface {
	*T
	proto.Message
}](d protoreflect.Descriptor) P {
	out := P(new(T))
	in := d.Options()
	if !in.ProtoReflect().IsValid() {
		return out
	}
	text, err := proto.MarshalOptions{AllowPartial: true}.Marshal(in)
	if err == nil {
		err = proto.UnmarshalOptions{AllowPartial: true}.Unmarshal(text, out)
	}
	if err != nil {
		panic(fmt.Sprintf("options of %s do not survive their own encoding: %v", d.FullName(), err))
	}
	return out
}

// duration reads a duration of an option: "3s".
func duration(text string) (time.Duration, bool) {
	d, err := time.ParseDuration(text)
	return d, err == nil && d >= time.Millisecond
}

// rate reads the rate of a route: "20/s", "100/m" or "5/h".
func rate(text string) (route.Rate, bool) {
	n, per, _ := strings.Cut(text, "/")
	units := map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour}
	count, err := strconv.ParseUint(n, 10, 31)
	if err != nil || count == 0 || units[per] == 0 || n[0] == '+' {
		return route.Rate{}, false
	}
	return route.Rate{N: uint32(count), Per: units[per]}, true
}

// IsAppName reports whether name can be an appName: [a-z][a-z0-9-]{0,19}.
func IsAppName(name string) bool {
	if name == "" || len(name) > 20 || name[0] < 'a' || name[0] > 'z' {
		return false
	}
	return strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789-") == ""
}

// orderKey returns the field of m by which an option orders or replaces, or why
// it does not suit.
func orderKey(m protoreflect.MessageDescriptor, name string) (protoreflect.FieldDescriptor, string) {
	f := m.Fields().ByName(protoreflect.Name(name))
	switch {
	case f == nil:
		return nil, fmt.Sprintf("key %q is no field of %s", name, m.FullName())
	case f.IsList() || f.IsMap():
		return nil, fmt.Sprintf("key %q has many values: %s repeats it", name, m.FullName())
	}
	switch f.Kind() {
	case protoreflect.MessageKind, protoreflect.GroupKind, protoreflect.FloatKind, protoreflect.DoubleKind:
		return nil, fmt.Sprintf("key %q is a %s, which makes no key", name, f.Kind())
	}
	return f, ""
}

// keyable names the fields of m that suit as a key, for a remedy.
func keyable(m protoreflect.MessageDescriptor) string {
	var names []string
	for i := range m.Fields().Len() {
		name := string(m.Fields().Get(i).Name())
		if _, why := orderKey(m, name); why == "" {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return fmt.Sprintf("give %s a field of a text, number, bool or enum", m.Name())
	}
	return "name a single field of a text, number, bool or enum: " + strings.Join(names, ", ")
}
