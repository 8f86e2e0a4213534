package sensitive_test

import (
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/hawos/hawos/runtime/sensitive"
)

func TestFilter(t *testing.T) {
	for _, c := range []struct {
		words []string
		text  string
		found []string
		clean string
	}{
		{[]string{"damn"}, "Damn, DAMN! damned", []string{"Damn", "DAMN", "damn"}, "****, ****! ****ed"},
		{[]string{"ab", "abcd", "cde"}, "abcde abc", []string{"abcd", "ab"}, "****e **c"},
		{[]string{"aa"}, "aaaaa", []string{"aa", "aa"}, "****a"},
		{[]string{"a", "b"}, "", nil, ""},
		{nil, "anything", nil, "anything"},
		{[]string{"", "  ", " x "}, "a x  b", []string{"x"}, "a *  b"},
		{[]string{"世界"}, "你好世界!", []string{"世界"}, "你好**!"},
		{[]string{"größe"}, "GRÖSSE GRÖẞE GrÖße", []string{"GRÖẞE", "GrÖße"}, "GRÖSSE ***** *****"},
		{[]string{"ΣΊΣΥΦΟΣ"}, "σίσυφος", []string{"σίσυφος"}, "*******"},
		{[]string{"kiss"}, "\u212aiſs", []string{"\u212aiſs"}, "****"},
		{[]string{"bad"}, "b\xffad \xffbad", []string{"bad"}, "b\xffad \xff***"},
		{[]string{"\ufffd"}, "\xff \ufffd", []string{"\ufffd"}, "\xff *"},
		{[]string{"two words"}, "Two Words", []string{"Two Words"}, "*********"},
	} {
		f, err := sensitive.New(c.words...)
		if err != nil {
			t.Fatal(err)
		}
		var found []string
		for _, m := range f.Find(c.text) {
			found = append(found, c.text[m.Start:m.End])
		}
		if !reflect.DeepEqual(found, c.found) {
			t.Errorf("%q in %q: found %q, want %q", c.words, c.text, found, c.found)
		}
		if clean := f.Replace(c.text, '*'); clean != c.clean {
			t.Errorf("%q in %q: replaced to %q, want %q", c.words, c.text, clean, c.clean)
		}
		if got, want := f.Contains(c.text), len(c.found) > 0; got != want {
			t.Errorf("%q in %q: contains %v, want %v", c.words, c.text, got, want)
		}
	}
}

func TestLoad(t *testing.T) {
	path := filepath.Join(t.TempDir(), "words.txt")
	if err := os.WriteFile(path, []byte("\ufeff# comment\r\nheck\r\n\n  darn \n#dash\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := sensitive.Load(path)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := f.Replace("oh heck, darn it, #dash comment", 'x'), "oh xxxx, xxxx it, #dash comment"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if _, err := sensitive.Load(path + "s"); err == nil || !strings.Contains(err.Error(), path+"s") {
		t.Errorf("no file: got %v, want its name", err)
	}
	if _, err := sensitive.New("good", "b\xffad"); err == nil || !strings.Contains(err.Error(), `"b\xffad"`) {
		t.Errorf("word that is no UTF-8: got %v", err)
	}
	if (&sensitive.Filter{}).Contains("x") {
		t.Error("the zero filter found something")
	}
}

// The three answers agree, and nothing is left after a replacement.
func FuzzFilter(f *testing.F) {
	f.Add("damn\nDAM\n世界", "so DAMN 世界")
	f.Add("aa\na", "aAaA")
	f.Add("ſ\nS", "s\u212a")
	f.Fuzz(func(t *testing.T, words, text string) {
		filter, err := sensitive.New(strings.Split(words, "\n")...)
		if err != nil {
			return
		}
		const mask = '\U0010fffd' // in no word that is worth a thought
		if strings.ContainsRune(words, mask) {
			return
		}
		matches := filter.Find(text)
		clean := filter.Replace(text, mask)
		if filter.Contains(text) != (len(matches) > 0) || (clean != text) != (len(matches) > 0) {
			t.Fatalf("%q in %q: found %v, replaced to %q, contains %v", words, text, matches, clean, filter.Contains(text))
		}
		if filter.Contains(clean) {
			t.Fatalf("%q in %q: still there in %q", words, text, clean)
		}
		last, masked := 0, 0
		for _, m := range matches {
			if m.Start < last || m.End <= m.Start || m.End > len(text) {
				t.Fatalf("%q in %q: matches %v", words, text, matches)
			}
			last = m.End
			masked += utf8.RuneCountInString(text[m.Start:m.End])
		}
		if n := strings.Count(clean, string(mask)) - strings.Count(text, string(mask)); n != masked {
			t.Fatalf("%q in %q: masked %d runes in %q, want %d", words, text, n, clean, masked)
		}
	})
}

func BenchmarkReplace(b *testing.B) {
	var words []string
	for i := range 10000 {
		words = append(words, strings.Repeat(string(rune('a'+i%26)), 2+i%5)+string(rune(0x4e00+i)))
	}
	f, err := sensitive.New(append(words, "damn")...)
	if err != nil {
		b.Fatal(err)
	}
	for name, text := range map[string]string{
		"clean": strings.Repeat("what a lovely day it is ", 4), "dirty": strings.Repeat("what a damn lovely day ", 4),
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			b.ReportAllocs()
			for b.Loop() {
				f.Replace(text, '*')
			}
		})
	}
}
