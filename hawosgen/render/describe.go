package render

import (
	"fmt"
	"reflect"
	"strings"
)

// describe says what a template may ask of its data: its type, fields and methods
// without arguments.
func describe(data any) string {
	if data == nil {
		return "nil"
	}
	t := reflect.TypeOf(data)
	var names []string
	for i := range t.NumMethod() {
		if m := t.Method(i); m.Type.NumIn() == 1 && m.Type.NumOut() > 0 {
			names = append(names, "."+m.Name)
		}
	}
	fields := t
	if t.Kind() == reflect.Pointer {
		fields = t.Elem()
	}
	if fields.Kind() == reflect.Struct {
		for _, f := range reflect.VisibleFields(fields) {
			if f.IsExported() {
				names = append(names, fmt.Sprintf(".%s (%s)", f.Name, f.Type))
			}
		}
	}
	if len(names) == 0 {
		return t.String()
	}
	return fmt.Sprintf("%s, which has %s", t, strings.Join(names, ", "))
}
