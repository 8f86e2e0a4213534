package generate_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// randomModule is the import path of the project: a folder of this module, so
// that it builds, which is there for go build alone.
const randomModule = "github.com/hawos/hawos/hawosgen/generate/testdata/random"

// world is a project that changes.
type world struct {
	dir      string
	random   *rand.Rand
	count    int // of names and IDs given
	services []*randomService
	fields   map[string]int // of each message
	messages []string
	called   map[string]bool // methods that the user calls
}

type randomService struct {
	name   string
	events bool
	rpcs   []*randomRPC
}

type randomRPC struct {
	name, doc, request, reply string
	id                        int // 0: none
	// fixed says that a method of another name answers it, which does not follow
	// other types: that is reported, and the user's to mend.
	fixed bool
}

func newWorld(t *testing.T, random *rand.Rand) *world {
	t.Helper()
	w := &world{dir: t.TempDir(), random: random, fields: map[string]int{}, called: map[string]bool{}}
	writeFile(t, filepath.Join(w.dir, "hawos.yaml"), []byte("module: "+randomModule+"\n"))
	w.addMessage()
	w.addService()
	w.writeProtos(t)
	return w
}

func (w *world) next() int { w.count++; return w.count }

func pick[T any](w *world, from []T) T { return from[w.random.IntN(len(from))] }

func (w *world) addMessage() string {
	name := fmt.Sprintf("M%d", w.next())
	w.messages = append(w.messages, name)
	return "new message " + name
}

func (w *world) addService() string {
	s := &randomService{name: fmt.Sprintf("Chat%d", w.next())}
	w.services = append(w.services, s)
	w.addRPC(s)
	return "new service " + s.name
}

func (w *world) addRPC(s *randomService) string {
	r := &randomRPC{name: fmt.Sprintf("Do%d", w.next()), request: pick(w, w.messages), reply: pick(w, w.messages)}
	if w.random.IntN(3) > 0 {
		r.id = 1000 + w.next()
	}
	s.rpcs = slices.Insert(s.rpcs, w.random.IntN(len(s.rpcs)+1), r)
	return "new rpc " + r.name
}

// editSchema changes one thing.
func (w *world) editSchema() string {
	defer w.save()
	s := pick(w, w.services)
	if len(s.rpcs) == 0 {
		return w.addRPC(s)
	}
	r := pick(w, s.rpcs)
	switch w.random.IntN(10) {
	case 0, 1:
		return w.addRPC(s)
	case 2:
		s.rpcs = slices.DeleteFunc(s.rpcs, func(o *randomRPC) bool { return o == r })
		return "no rpc " + r.name
	case 3, 4:
		old := r.name
		r.name, r.fixed = fmt.Sprintf("Do%d", w.next()), r.fixed || w.called[old]
		return "rpc " + old + " is " + r.name
	case 5, 6:
		if r.fixed {
			return w.addMessage()
		}
		r.request = pick(w, w.messages)
		if w.random.IntN(2) == 0 {
			return "other request of " + r.name
		}
		r.reply, r.doc = pick(w, w.messages), fmt.Sprintf("%s does „%d“.", r.name, w.next())
		return "other request, reply and doc of " + r.name
	case 7:
		w.fields[pick(w, w.messages)]++
		return "new field"
	case 8:
		s.events = !s.events
		return "events of " + s.name
	}
	if len(w.services) < 4 {
		return w.addService()
	}
	return w.addMessage()
}

// save is writeProtos for editSchema, whose test sees a missing file soon enough.
func (w *world) save() { _ = os.WriteFile(w.proto(), []byte(w.text()), 0o644) }

func (w *world) proto() string { return filepath.Join(w.dir, "protos", "chat", "v1", "chat.proto") }

func (w *world) writeProtos(t *testing.T) {
	t.Helper()
	writeFile(t, w.proto(), []byte(w.text()))
}

func (w *world) text() string {
	var b strings.Builder
	b.WriteString("syntax = \"proto3\";\npackage chat.v1;\nimport \"hawos/options.proto\";\n")
	for _, s := range w.services {
		fmt.Fprintf(&b, "service %s {\n  option (hawos.app) = {name: \"chat\", events: %v};\n", s.name, s.events)
		for _, r := range s.rpcs {
			if r.doc != "" {
				fmt.Fprintf(&b, "  // %s\n", r.doc)
			}
			fmt.Fprintf(&b, "  rpc %s(%s) returns (%s)", r.name, r.request, r.reply)
			if r.id > 0 {
				fmt.Fprintf(&b, " { option (hawos.id) = %d; }\n", r.id)
			} else {
				b.WriteString(";\n")
			}
		}
		b.WriteString("}\n")
	}
	for _, m := range w.messages {
		fmt.Fprintf(&b, "message %s {\n", m)
		for i := range w.fields[m] {
			fmt.Fprintf(&b, "  int32 f%d = %d;\n", i+1, i+1)
		}
		b.WriteString("}\n")
	}
	return b.String()
}

var (
	bodyStart = regexp.MustCompile(`(?m)^func \((\w+) \*?(\w+)\) (\w+)\(ctx context\.Context, in [^{]*\{\r?\n`)
	declStart = regexp.MustCompile(`(?m)^func `)
)

// editUser changes one of the handlers' files as a user does, who cares little
// for gofmt.
func (w *world) editUser(t *testing.T) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(w.dir, "internal", "chat", "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal("no handlers: ", err)
	}
	name := pick(w, files)
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	s, did := string(text), ""
	n := w.next()
	switch at := bodyStart.FindAllStringSubmatchIndex(s, -1); w.random.IntN(5) {
	case 0: // in a body
		if len(at) > 0 {
			p := pick(w, at)[1]
			s, did = s[:p]+fmt.Sprintf("\t_   = %d // the user's – ünd\n", n)+s[p:], "edited a body"
		}
	case 1: // between functions
		at := declStart.FindAllStringIndex(s, -1)
		p := pick(w, at)[0]
		s, did = s[:p]+fmt.Sprintf("func helper%d() int {  return %d }\n\n", n, n)+s[p:], "added a function"
	case 2: // a call
		if len(at) > 0 {
			m := pick(w, at)
			s = strings.TrimRight(s, "\r\n") + fmt.Sprintf("\n\nfunc (s *%s) call%d(ctx context.Context) { s.%s(ctx, nil) }", s[m[4]:m[5]], n, s[m[6]:m[7]])
			w.called[s[m[6]:m[7]]] = true
			did = "added a call at the end"
		}
	case 3:
		s, did = strings.ReplaceAll(s, "\r\n", "\n"), "LF"
		if w.random.IntN(2) == 0 {
			s, did = strings.ReplaceAll(s, "\n", "\r\n"), "CRLF"
		}
	default:
		s, did = s+"// the end", "added a comment at the end"
		s = strings.Replace(s, "}// the end", "} // the end", 1)
	}
	writeFile(t, name, []byte(s))
	return "user: " + did + " in " + filepath.Base(name)
}
