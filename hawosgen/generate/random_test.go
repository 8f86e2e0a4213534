package generate_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/hawos/hawos/hawosgen/generate"
)

// TestRandomEdits edits a schema and the user's files in turn, and generates
// after each. HAWOS_LONG=1 makes it 1,000 steps; HAWOS_SEED repeats a run.
func TestRandomEdits(t *testing.T) {
	steps, every := 30, 30
	if os.Getenv("HAWOS_LONG") != "" {
		steps, every = 1000, 100
	}
	seed := uint64(time.Now().UnixNano())
	if text := os.Getenv("HAWOS_SEED"); text != "" {
		given, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		seed = given
	}
	t.Logf("HAWOS_SEED=%d repeats this run", seed)
	w := newWorld(t, rand.New(rand.NewPCG(seed, 1)))
	generateAll(t, w.dir)
	for i := range steps {
		did := w.editSchema()
		if i%2 == 1 {
			did = w.editUser(t)
		}
		was := readTree(t, w.dir)
		res := run(t, w.dir)
		if err := res.Changes.Write(); err != nil {
			t.Fatalf("step %d, %s: %v", i, did, err)
		}
		w.check(t, was, res)
		if i%every == every-1 {
			goOverlay(t, w.dir, "build", "-o", os.DevNull)
		}
		if t.Failed() {
			t.Fatalf("step %d was: %s", i, did)
		}
	}
}

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

// check holds what is promised after each run.
func (w *world) check(t *testing.T, was map[string][]byte, res *generate.Result) {
	t.Helper()
	now := readTree(t, w.dir)
	for name, text := range was {
		if !strings.HasPrefix(name, "gen/") && name != "hawos.lock" {
			linesStay(t, name, text, now[name], res)
		}
	}
	if again := run(t, w.dir); !again.Changes.IsEmpty() {
		t.Errorf("a second run writes:\n%s", reportOf(again))
	}
	fresh := t.TempDir()
	for _, name := range []string{"hawos.yaml", "hawos.lock", "protos/chat/v1/chat.proto"} {
		writeFile(t, filepath.Join(fresh, name), now[name])
	}
	generateAll(t, fresh)
	want := readTree(t, fresh)
	for _, name := range allKeys(want, now) {
		if strings.HasPrefix(name, "gen/") && !bytes.Equal(want[name], now[name]) {
			t.Errorf("%s: is not what an empty folder gets", name)
		}
	}
}

// linesStay wants each of the user's lines as it was, but those that the report
// names.
func linesStay(t *testing.T, name string, was, now []byte, res *generate.Result) {
	t.Helper()
	named := map[int]bool{}
	for _, n := range res.Notes {
		place := strings.Split(n.Place, ":")
		if line, err := strconv.Atoi(place[min(1, len(place)-1)]); err == nil && place[0] == name {
			named[line] = true
		}
	}
	left := strings.Split(string(now), "\n")
	for i, line := range strings.Split(string(was), "\n") {
		if named[i+1] {
			continue
		}
		at := slices.Index(left, line)
		if at < 0 {
			// The last line has no break yet where something was added below it.
			at = slices.Index(left, line+"\r")
		}
		if at < 0 {
			t.Errorf("%s:%d: %q is gone, and not reported", name, i+1, line)
			return
		}
		left = left[at+1:]
	}
}

// goOverlay runs go with the arguments on all packages of the project in dir,
// where this module would have it.
func goOverlay(t *testing.T, dir string, args ...string) {
	t.Helper()
	base, err := filepath.Abs("testdata/random")
	if err != nil {
		t.Fatal(err)
	}
	overlay := struct{ Replace map[string]string }{map[string]string{}}
	packages := map[string]bool{}
	for name := range readTree(t, dir) {
		if strings.HasSuffix(name, ".go") {
			overlay.Replace[filepath.Join(base, name)] = filepath.Join(dir, name)
			packages[path.Join(randomModule, path.Dir(name))] = true
		}
	}
	text, err := json.Marshal(overlay)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "overlay.json")
	writeFile(t, file, text)
	args = append(args, "-overlay", file)
	for p := range packages {
		args = append(args, p)
	}
	if out, err := exec.CommandContext(t.Context(), "go", args...).CombinedOutput(); err != nil {
		t.Errorf("go %s: %v\n%s", args[0], err, out)
	}
}
