package model

import (
	"go/doc"
	"go/token"
	"strings"
	"unicode"

	"github.com/hawos/hawos/hawosgen/schema"
)

// names are the identifiers of one Go package.
type names map[string]bool

// choose returns the first candidate that is free and takes it; where none is,
// the first with as many underscores as it needs. It is how what hawosgen emits
// gives way to what the schema and the official generators declare.
func (n names) choose(candidates ...string) string {
	for _, c := range candidates {
		if !n[c] {
			n[c] = true
			return c
		}
	}
	return n.choose(candidates[0] + "_")
}

// scopes are the names of each Go package of the project, by import path.
type scopes struct {
	schema *schema.Schema
	byPath map[string]names
}

// of returns the names of f's package; the official generators' are taken.
func (s *scopes) of(f *schema.File) names {
	n, ok := s.byPath[f.Go.ImportPath]
	if !ok {
		n = s.schema.Declared(f.Go.ImportPath)
		s.byPath[f.Go.ImportPath] = n
	}
	return n
}

// camel returns the words of an appName or of an enum's value as one Go name:
// ROOM_FULL and room-full are both RoomFull.
func camel(name string) string {
	var b strings.Builder
	for _, word := range words(name) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	if b.Len() == 0 || !unicode.IsLetter(rune(b.String()[0])) {
		return "X" + b.String()
	}
	return b.String()
}

// snake returns a Go name's words in lower case, as a file is named: ChatRoom is
// chat_room, HTTPGate http_gate.
func snake(name string) string {
	var b strings.Builder
	for i, r := range name {
		startsWord := unicode.IsUpper(r) && i > 0 && name[i-1] != '_' &&
			(!unicode.IsUpper(rune(name[i-1])) || i+1 < len(name) && unicode.IsLower(rune(name[i+1])))
		if startsWord {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(r))
	}
	return b.String()
}

// words returns the words of a name that _ or - separates, in lower case.
func words(name string) []string {
	return strings.FieldsFunc(strings.ToLower(name), func(r rune) bool { return r == '_' || r == '-' })
}

// isGoWord reports whether Go keeps the name for itself, so that a package of
// that name is awkward or impossible.
func isGoWord(name string) bool {
	return token.IsKeyword(name) || doc.IsPredeclared(name) || name == "main" || name == "init"
}

// snakeWords returns the words of an appName as a proto package is named.
func snakeWords(app string) string { return strings.Join(words(app), "_") }
