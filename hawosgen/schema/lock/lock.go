// Package lock keeps what each protocol ID means: the file hawos.lock, committed
// with the project, has one line per ID, and Compare holds a schema against it.
//
// The ID is the identity. What an ID means may get another name; it may not
// become something else until the user accepts that, for clients in the field
// go on sending it. Start from Parse, Of and Compare.
package lock

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/hawos/hawos/hawosgen/schema"
)

// Name is the file's name, in the project's folder.
const Name = "hawos.lock"

// Lock is what the IDs of a project mean, sorted by ID; an ID is there once.
type Lock []Entry

// Kind is what an ID stands for.
type Kind string

// The kinds of an ID.
const (
	RPC  Kind = "rpc"
	Push Kind = "push"
)

// Entry is the meaning of one ID.
type Entry struct {
	ID      uint32
	Kind    Kind
	Name    string  // full name of the rpc or the pushed message: chat.v1.Chat.Send
	Request Message // of an rpc, or the pushed message
	Reply   Message // of an rpc; zero for a push
	Retired bool    // the schema has it no more; its ID stays taken

	line int // in the file
}

// Message is one message as it goes over the wire.
type Message struct {
	Name        string // full name
	Fingerprint string // as Fingerprint returns it
}

// Of returns what the IDs of a schema mean.
func Of(s *schema.Schema) Lock {
	prints := fingerprints{}
	var l Lock
	for _, svc := range s.Services {
		for _, m := range svc.Methods {
			if m.ID != 0 {
				l = append(l, Entry{ID: m.ID, Kind: RPC, Name: string(m.Desc.FullName()), Request: prints.of(m.Desc.Input()), Reply: prints.of(m.Desc.Output())})
			}
		}
	}
	for _, p := range s.Pushes {
		l = append(l, Entry{ID: p.ID, Kind: Push, Name: string(p.Desc.FullName()), Request: prints.of(p.Desc)})
	}
	l.sort()
	return l
}

// IDs returns all IDs, retired ones included, for schema.Config.Locked.
func (l Lock) IDs() []uint32 {
	ids := make([]uint32, len(l))
	for i, e := range l {
		ids[i] = e.ID
	}
	return ids
}

func (l Lock) sort() {
	slices.SortFunc(l, func(a, b Entry) int { return cmp.Compare(a.ID, b.ID) })
}

// Format returns the file's text.
func (l Lock) Format() []byte {
	var b strings.Builder
	b.WriteString(head)
	for _, e := range l {
		b.WriteString(e.String())
		b.WriteByte('\n')
	}
	return []byte(b.String())
}

const head = "# What each protocol ID means. Written by hawosgen proto; commit it.\n"

// String returns the entry's line.
func (e Entry) String() string {
	line := fmt.Sprintf("%d %s %s %s", e.ID, e.Kind, e.Name, e.Request)
	if e.Kind == RPC {
		line += " " + e.Reply.String()
	}
	if e.Retired {
		line += " " + retired
	}
	return line
}

const retired = "retired"

// String returns the message's name and fingerprint.
func (m Message) String() string { return m.Name + ":" + m.Fingerprint }
