package lock

import (
	"bytes"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/hawos/hawos/hawosgen/schema"
	"github.com/hawos/hawos/runtime/route"
)

// Parse reads the file's text. Lines may stand in any order and be doubled, as a
// union merge leaves them: of two lines that name the same thing the later one
// counts, but one that is not retired before one that is. Two lines that name
// different things are a fault. No text is an empty Lock.
func Parse(text []byte) (Lock, schema.Faults) {
	var l Lock
	var faults schema.Faults
	index := map[uint32]int{} // by ID: where it is in l
	n := 0
	for raw := range bytes.Lines(text) {
		n++
		line := strings.TrimSpace(string(raw))
		if line == "" || line[0] == '#' {
			continue
		}
		e, why := parseLine(line)
		e.line = n
		if why != "" {
			faults = append(faults, fault(n, line, why, remedyOf(line)))
			continue
		}
		at, twice := index[e.ID]
		switch {
		case !twice:
			index[e.ID] = len(l)
			l = append(l, e)
		case l[at].Kind != e.Kind || l[at].Name != e.Name:
			faults = append(faults, fault(n, line, fmt.Sprintf("protocol ID %d has two lines that say different things: %s and %s", e.ID, l[at].Name, e.Name),
				"delete the one that is wrong, and give what it meant another ID",
				schema.Note{Text: "first here", Pos: schema.Pos{File: Name, Line: l[at].line}}))
		case l[at].Retired || !e.Retired:
			l[at] = e
		}
	}
	if len(faults) > 0 {
		return nil, faults
	}
	l.sort()
	return l, nil
}

// parseLine reads one line, or says why it is none.
func parseLine(line string) (e Entry, why string) {
	words := strings.Fields(line)
	if len(words) > 0 && words[len(words)-1] == retired {
		e.Retired, words = true, words[:len(words)-1]
	}
	if len(words) < 4 {
		return e, "the line is no entry: it has too few words"
	}
	id, err := strconv.ParseUint(words[0], 10, 31)
	if err != nil || id < route.FirstID {
		return e, fmt.Sprintf("%q is no protocol ID", words[0])
	}
	e.ID, e.Kind, e.Name = uint32(id), Kind(words[1]), words[2]
	messages := []*Message{&e.Request}
	switch e.Kind {
	case RPC:
		messages = append(messages, &e.Reply)
	case Push:
	default:
		return e, fmt.Sprintf("%q is no kind: it is rpc or push", words[1])
	}
	if len(words) != 3+len(messages) {
		return e, fmt.Sprintf("a line of kind %s has %d words", e.Kind, 3+len(messages))
	}
	for i, m := range messages {
		name, print, ok := strings.Cut(words[3+i], ":")
		if !ok || name == "" || print == "" {
			return e, fmt.Sprintf("%q is no message with its fingerprint", words[3+i])
		}
		*m = Message{Name: name, Fingerprint: print}
	}
	return e, ""
}

// remedyOf says what to do about a line that is no entry.
func remedyOf(line string) string {
	for _, mark := range []string{"<<<<<<<", "=======", ">>>>>>>", "|||||||"} {
		if strings.HasPrefix(line, mark) {
			return "keep the lines of both sides and delete the marks; " + Name + " merge=union in .gitattributes does so by itself"
		}
	}
	return "take the line from the last commit: git checkout " + Name
}

// fault returns a fault at a line of the file.
func fault(n int, line, text, remedy string, also ...schema.Note) schema.Fault {
	return schema.Fault{Pos: schema.Pos{File: Name, Line: n}, Source: line, Text: text, Remedy: remedy, Also: slices.Clone(also)}
}
