package lock_test

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/hawos/hawos/hawosgen/schema/lock"
)

const (
	send   = "2001 rpc chat.v1.Chat.Send chat.v1.A:aa chat.v1.B:bb"
	join   = "2002 rpc chat.v1.Chat.Join chat.v1.A:aa chat.v1.B:bb"
	posted = "2101 push chat.v1.Posted chat.v1.Posted:cc"
)

func TestParseTakesWhatAUnionMergeLeaves(t *testing.T) {
	for name, test := range map[string]struct{ in, want []string }{
		"sorted":                {[]string{send, join, posted}, []string{send, join, posted}},
		"any order":             {[]string{posted, send, join}, []string{send, join, posted}},
		"doubled":               {[]string{send, join, send, join}, []string{send, join}},
		"the later counts":      {[]string{send, strings.Replace(send, ":aa", ":dd", 1)}, []string{strings.Replace(send, ":aa", ":dd", 1)}},
		"live before retired":   {[]string{send, send + " retired"}, []string{send}},
		"live after retired":    {[]string{send + " retired", send}, []string{send}},
		"retired":               {[]string{send + " retired"}, []string{send + " retired"}},
		"comments, blank lines": {[]string{"# one", "", send, "  # two", "  " + join + "\r"}, []string{send, join}},
		"nothing":               {nil, nil},
	} {
		l, faults := lock.Parse([]byte(strings.Join(test.in, "\n")))
		if faults != nil {
			t.Errorf("%s: %v", name, faults)
		}
		got := strings.SplitAfterN(string(l.Format()), "\n", 2)[1]
		want := strings.Join(append(test.want, ""), "\n")
		if got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, want)
		}
		if again, faults := lock.Parse(l.Format()); faults != nil || string(again.Format()) != string(l.Format()) {
			t.Errorf("%s: read again it is\n%s\n%v", name, again.Format(), faults)
		}
	}
}

func TestParseNamesTheLineOfEachFault(t *testing.T) {
	for _, test := range []struct{ in, want string }{
		{send + "\n" + strings.Replace(send, "Send", "Join", 1), `hawos.lock:2: protocol ID 2001 has two lines that say different things: chat.v1.Chat.Send and chat.v1.Chat.Join
    2 | 2001 rpc chat.v1.Chat.Join chat.v1.A:aa chat.v1.B:bb
   first here: hawos.lock:1
   fix: delete the one that is wrong, and give what it meant another ID
`},
		{"<<<<<<< HEAD\n" + send, `hawos.lock:1: the line is no entry: it has too few words
    1 | <<<<<<< HEAD
   fix: keep the lines of both sides and delete the marks; hawos.lock merge=union in .gitattributes does so by itself
`},
		{"\n99" + send[4:], `hawos.lock:2: "99" is no protocol ID
    2 | 99 rpc chat.v1.Chat.Send chat.v1.A:aa chat.v1.B:bb
   fix: take the line from the last commit: git checkout hawos.lock
`},
		{strings.Replace(send, "rpc", "call", 1), `hawos.lock:1: "call" is no kind: it is rpc or push
    1 | 2001 call chat.v1.Chat.Send chat.v1.A:aa chat.v1.B:bb
   fix: take the line from the last commit: git checkout hawos.lock
`},
		{posted + " more:dd", `hawos.lock:1: a line of kind push has 4 words
    1 | 2101 push chat.v1.Posted chat.v1.Posted:cc more:dd
   fix: take the line from the last commit: git checkout hawos.lock
`},
		{strings.Replace(posted, ":cc", "", 1), `hawos.lock:1: "chat.v1.Posted" is no message with its fingerprint
    1 | 2101 push chat.v1.Posted chat.v1.Posted
   fix: take the line from the last commit: git checkout hawos.lock
`},
	} {
		l, faults := lock.Parse([]byte(test.in))
		if got := faults.Format(); got != test.want || l != nil {
			t.Errorf("%q: got\n%s\nwant\n%s", test.in, got, test.want)
		}
	}
}

func TestIDsAreAllOfThem(t *testing.T) {
	l, faults := lock.Parse([]byte(send + "\n" + posted + " retired\n" + join + " retired\n"))
	if got := l.IDs(); faults != nil || !slices.Equal(got, []uint32{2001, 2002, 2101}) {
		t.Errorf("got %v and %v, want 2001, 2002 and 2101", got, faults)
	}
}

func TestFingerprintIsWhatGoesOverTheWire(t *testing.T) {
	s := compile(t, `syntax = "proto3";
package p;
message Base { int32 a = 1; repeated Part b = 2; map<string, int32> c = 3; Kind d = 4; Base e = 5; }
message Part { string s = 1; }
enum Kind { ZERO = 0; }

message Names { int32 x = 1; repeated Piece y = 2; map<string, int32> z = 3; Other v = 4; Names w = 5; }
message Piece { string t = 1; }
enum Other { NULL = 0; ONE = 1; }
message Order { Order e = 5; int32 a = 1; repeated Part b = 2; map<string, int32> c = 3; Kind d = 4; }
message Entries { int32 a = 1; repeated Part b = 2; repeated Entry c = 3; Kind d = 4; Entries e = 5; }
message Entry { string key = 1; int32 value = 2; }
message Presence { optional int32 a = 1; repeated Part b = 2; map<string, int32> c = 3; Kind d = 4; Presence e = 5; }

message Number { int32 a = 6; repeated Part b = 2; map<string, int32> c = 3; Kind d = 4; Number e = 5; }
message Type { int64 a = 1; repeated Part b = 2; map<string, int32> c = 3; Kind d = 4; Type e = 5; }
message Label { repeated int32 a = 1; repeated Part b = 2; map<string, int32> c = 3; Kind d = 4; Label e = 5; }
message More { int32 a = 1; repeated Part b = 2; map<string, int32> c = 3; Kind d = 4; More e = 5; bool f = 6; }
message Deeper { int32 a = 1; repeated Deep b = 2; map<string, int32> c = 3; Kind d = 4; Deeper e = 5; }
message Deep { bytes s = 1; }
message Elsewhere { int32 a = 1; repeated Part b = 2; map<string, int32> c = 3; Kind d = 4; Base e = 5; }
`)
	print := func(name string) string {
		return lock.Fingerprint(s.Files[0].Desc.Messages().ByName(protoreflect.Name(name)))
	}
	base := print("Base")
	if len(base) != 16 {
		t.Errorf("got the fingerprint %q, want 16 hex digits", base)
	}
	for _, name := range []string{"Names", "Order", "Entries", "Presence"} {
		if print(name) != base {
			t.Errorf("%s goes over the wire like Base, but has another fingerprint", name)
		}
	}
	for _, name := range []string{"Number", "Type", "Label", "More", "Deeper"} {
		if print(name) == base {
			t.Errorf("%s goes over the wire otherwise than Base, but has the same fingerprint", name)
		}
	}
}

func FuzzLock(f *testing.F) {
	f.Add(send + "\n" + join + "\n" + posted + " retired\n" + send)
	f.Add("# comment\n\n<<<<<<<\n2001 rpc a:b c:d e:f retired retired")
	f.Fuzz(func(t *testing.T, text string) {
		l, faults := lock.Parse([]byte(text))
		if faults != nil {
			for _, fault := range faults {
				if fault.Pos.Line == 0 || fault.Source == "" || fault.Remedy == "" {
					t.Errorf("fault without line or remedy: %q", fault.Format())
				}
			}
			return
		}
		again, faults := lock.Parse(l.Format())
		if faults != nil || string(again.Format()) != string(l.Format()) {
			t.Errorf("%q became %q, and that %q: %v", text, l.Format(), again.Format(), faults)
		}
		for i := 1; i < len(l); i++ {
			if l[i-1].ID >= l[i].ID {
				t.Errorf("%d comes before %d", l[i-1].ID, l[i].ID)
			}
		}
	})
}
