package model

import (
	"strings"

	"github.com/hawos/hawos/hawosgen/schema"
)

// ErrorEnum is an enum of typed errors.
type ErrorEnum struct {
	Name   string // in Go: Code
	Values []ErrorValue
}

// ErrorValue is one typed error.
type ErrorValue struct {
	Var   string // ErrRoomFull
	Value string // the enum's value in Go: Code_ROOM_FULL
	Text  string // what a client is shown: room full
	Doc   Doc
}

func (b *builder) errorEnum(file *File, e *schema.ErrorEnum) *ErrorEnum {
	file.Imports.use(runtime("errcode"))
	out := &ErrorEnum{Name: schema.GoName(e.Desc)}
	for _, v := range e.Values {
		bare := withoutPrefix(string(v.Desc.Name()), string(e.Desc.Name()))
		out.Values = append(out.Values, ErrorValue{
			Var:   b.scopes.of(e.File).choose("Err"+camel(bare), "Err"+out.Name+camel(bare)),
			Value: schema.GoValueName(v.Desc),
			Text:  strings.Join(words(bare), " "),
			Doc:   Doc(v.Doc),
		})
	}
	return out
}

// withoutPrefix returns an enum value's name without the enum's own, which many
// style guides put before it: CODE_ROOM_FULL in the enum Code is ROOM_FULL.
func withoutPrefix(value, enum string) string {
	prefix := strings.ToUpper(snake(enum)) + "_"
	if rest, ok := strings.CutPrefix(value, prefix); ok && rest != "" {
		return rest
	}
	return value
}

// Comment returns the value's comment as the variable's; empty where there is
// none.
func (v ErrorValue) Comment() Doc {
	if v.Doc == "" {
		return ""
	}
	return Doc(v.Var) + ": " + v.Doc
}
